"""The standing of one sender address: its level and why, its history, and what admins decide."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from senders.models import SenderAddress, Standing
from senders.standing import services
from senders.standing.reading import known_standing
from senders.standing.wording import level_word
from smtp_gateway.standing.forms import LimitForm, ReleaseForm
from smtp_gateway.standing.picture import picture
from smtp_gateway.standing.reading import plan_days, standing_shown
from smtp_gateway.standing.wording import (
    allowance_sentence,
    change_sentence,
    change_title,
    limit_words,
    parts_in_words,
    trouble_advice,
    trouble_sentence,
    warm_up_sentence,
)

Context = dict[str, object]


@require_safe
def standing(request: HttpRequest, pk: int) -> TemplateResponse:
    """Everything about the level of one address."""
    sender, now = _sender(pk), timezone.now()
    shown = standing_shown(sender, now)
    context: Context = {
        "sender": sender,
        "standing": shown.standing,
        "word": level_word(shown.standing.shown_level),
        "allowance": allowance_sentence(shown.allowance, shown.limits),
        "limits": limit_words(shown.limits),
        "parts": parts_in_words(shown.standing.parts),
        "picture": picture(shown.changes, shown.standing.shown_level, now),
        "changes": [
            (change, change_title(change), change_sentence(change), parts_in_words(change.parts))
            for change in shown.changes
        ],
        "plan_days": plan_days(shown.allowance),
        "plan_sentence": warm_up_sentence(shown.allowance.warm_up)
        if shown.allowance.warm_up
        else "",
        **trouble_context(shown.standing),
    }
    return TemplateResponse(request, "smtp_gateway/standing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_standing", raise_exception=True)
def limit_level(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Cap or fix the level, or leave it to the numbers."""
    sender = _sender(pk)
    form = LimitForm(
        request.POST if request.method == "POST" else None,
        initial=_decided(known_standing(sender)),
    )
    if form.is_valid():
        try:
            services.limit_level(
                sender,
                **form.decided,
                reason=form.cleaned_data["reason"],
                decided_by=request.user.get_username(),
                now=timezone.now(),
            )
        except services.InvalidField as error:
            form.add_error(error.field, str(error))
        else:
            words = _("It is decided about the level of %(address)s.")
            return _done(request, sender, words % {"address": sender.display_address})
    return _form(request, "smtp_gateway/standing_limit.html", sender, form)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_standing", raise_exception=True)
def release_brake(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Lets a braked address send again."""
    sender = _sender(pk)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.release_brake(
            sender,
            reason=form.cleaned_data["reason"],
            decided_by=request.user.get_username(),
            now=timezone.now(),
        )
        words = _("The brake of %(address)s is released.")
        return _done(request, sender, words % {"address": sender.display_address})
    return _form(request, "smtp_gateway/standing_release.html", sender, form)


def trouble_context(standing: Standing) -> Context:
    """`trouble`: the code of the brake or alarm, if any, with its words."""
    trouble = standing.brake or standing.warning
    if not trouble:
        return {"trouble": ""}
    return {
        "trouble": trouble,
        "trouble_sentence": trouble_sentence(trouble, standing.trouble_count, standing.trouble_of),
        "trouble_advice": trouble_advice(trouble),
    }


def _sender(pk: int) -> SenderAddress:
    rows = SenderAddress.objects.select_related("standing")
    sender: SenderAddress = get_object_or_404(rows, pk=pk)
    return sender


def _decided(standing: Standing) -> dict[str, object]:
    way = "fixed" if standing.fixed_level else "cap" if standing.cap else "numbers"
    level = standing.fixed_level or standing.cap or standing.shown_level
    return {"way": way, "level": level, "reason": standing.limit_reason}


def _form(
    request: HttpRequest, template: str, sender: SenderAddress, form: LimitForm | ReleaseForm
) -> TemplateResponse:
    context = {
        "sender": sender,
        "form": form,
        "standing": known_standing(sender),
        **trouble_context(known_standing(sender)),
    }
    return TemplateResponse(request, template, context, status=422 if form.is_bound else 200)


def _done(request: HttpRequest, sender: SenderAddress, message: str) -> HttpResponse:
    """The dialog closes and the page moves, or the page of the standing opens and says so."""
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "console:done", {"message": message})
    messages.success(request, message)
    return redirect("smtp_gateway:standing", sender.pk)
