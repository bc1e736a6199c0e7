"""Mail of a trigger address that looks like bulk, and is none."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from senders.models import SenderAddress
from smtp_gateway.bulk.forms import NotBulkForm
from smtp_gateway.bulk.services import KEPT, lift_flag


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_standing", raise_exception=True)
def not_bulk(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Lifts the flag, with a reason; what was lifted meanwhile stays as it is."""
    sender: SenderAddress = get_object_or_404(SenderAddress, pk=pk)
    form = NotBulkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        lift_flag(
            sender,
            reason=form.cleaned_data["reason"],
            decided_by=request.user.get_username(),
            now=timezone.now(),
        )
        words = _("Mail of %(address)s is treated as Trigger Mail.")
        return _done(request, sender, words % {"address": sender.display_address})
    context = {"sender": sender, "form": form, "days": KEPT.days}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "smtp_gateway/not_bulk.html", context, status=status)


def _done(request: HttpRequest, sender: SenderAddress, message: str) -> HttpResponse:
    """The dialog closes and the page moves, or the page of the address opens and says so."""
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "console:done", {"message": message})
    messages.success(request, message)
    return redirect("smtp_gateway:sender_address", sender.pk)
