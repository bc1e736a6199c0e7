"""How an action on a sender address ends: in the dialog, or back on the list."""

import functools
from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from senders.audited import page_of
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


def created(request: HttpRequest, message: str, sender: SenderAddress) -> HttpResponse:
    """The new address's page opens, says so, and shows what comes next."""
    return opened(request, message, page_of(sender))


def gone(request: HttpRequest, message: str) -> HttpResponse:
    """The address is no more: its own page, if that was open, gives way to the list."""
    address_list = reverse("senders:list")
    if _shown_path(request) in ("", address_list):
        return done(request, message)
    return opened(request, message, address_list)


def opened(request: HttpRequest, message: str, url: str) -> HttpResponse:
    """The page at `url` opens and says so."""
    messages.success(request, message)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return redirect(url)


def refused(request: HttpRequest, template: str, context: Context) -> TemplateResponse:
    """The form again, with its errors and what was typed."""
    return TemplateResponse(request, template, context, status=422)


def _shown_path(request: HttpRequest) -> str:
    """The page around the dialog; empty: there is no dialog."""
    url = request.htmx.current_url  # type: ignore[attr-defined]
    return urlsplit(url or "").path
