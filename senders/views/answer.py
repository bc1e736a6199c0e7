"""How an action on a sender address ends: in the dialog, or back on the list."""

import functools
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django_htmx.http import trigger_client_event

from senders.models import SenderAddress

Context = dict[str, object]
SenderView = Callable[[HttpRequest, SenderAddress], HttpResponseBase]


def for_sender(view: SenderView) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """Gives the view the sender address of the URL; 404 when there is none."""

    @functools.wraps(view)
    def with_sender(request: HttpRequest, pk: int) -> HttpResponseBase:
        rows = SenderAddress.objects.select_related("reply_to_verification")
        return view(request, get_object_or_404(rows, pk=pk))

    return with_sender


def done(request: HttpRequest, message: str, page: str = "senders:list") -> HttpResponse:
    """The action is done: the dialog closes and the list moves, or `page` opens and says so."""
    if request.htmx:  # type: ignore[attr-defined]
        answer = HttpResponse(status=204)
        return trigger_client_event(answer, "console:done", {"message": message})
    messages.success(request, message)
    return redirect(page)


def refused(request: HttpRequest, template: str, context: Context) -> TemplateResponse:
    """The form again, with its errors and what was typed."""
    return TemplateResponse(request, template, context, status=422)
