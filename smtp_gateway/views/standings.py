"""Standings in general: what levels allow, warm-ups, and trying out numbers."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.forms import Form
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from senders.models import SenderAddress, Standing
from senders.seen import FIELD, ChangedMeanwhile, differing, mark_of_values
from senders.standing import services
from senders.standing.reading import limits_by_level
from senders.standing.warming import plans
from senders.standing.wording import level_word
from smtp_gateway.standing.forms import LevelsForm, PlanForm, WhatIfForm, plan_of, plan_text
from smtp_gateway.standing.formula import Record, score
from smtp_gateway.standing.reading import record_of, troubled
from smtp_gateway.standing.wording import grouped, limit_words, parts_in_words, trouble_sentence

Context = dict[str, object]


@require_safe
def standings(request: HttpRequest) -> TemplateResponse:
    """What each level and each day of a warm-up allows, and whose brake is on."""
    context = {
        "levels": [
            (level, level_word(level), limit_words(limits))
            for level, limits in sorted(limits_by_level().items(), reverse=True)
        ],
        "plans": [
            (plan_of(name), [(day, grouped(most)) for day, most in enumerate(days, 1)])
            for name, days in plans().items()
        ],
        "troubled": [(each, _sentence(each)) for each in troubled()],
    }
    return TemplateResponse(request, "smtp_gateway/standings.html", context)


@require_safe
def what_if(request: HttpRequest) -> TemplateResponse:
    """The level that some numbers are worth; `sender`: begins with those of an address."""
    sender = _asked_for(request)
    initial = record_of(sender, timezone.now()) if sender else Record()
    is_asked = bool(set(request.GET) - {"sender"})
    form = WhatIfForm(request.GET if is_asked else None, initial)
    record = form.record if form.is_valid() else None if is_asked else initial
    context: Context = {"form": form, "sender": sender, "has_answer": record is not None}
    if record is not None:
        found = score(record)
        context |= {
            "level": found.level,
            "word": level_word(found.level),
            "is_enough": found.is_enough,
            "parts": parts_in_words(found.parts),
            "limits": limit_words(limits_by_level()[found.level]),
        }
    status = 200 if record is not None else 422
    return TemplateResponse(request, "smtp_gateway/what_if.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_standing", raise_exception=True)
def change_levels(request: HttpRequest) -> HttpResponseBase:
    form = LevelsForm(request.POST if request.method == "POST" else None, limits_by_level())
    status = 422 if form.is_bound else 200
    context: Context = {"form": form, "seen": _seen(request, limits_by_level())}
    if form.is_valid():
        try:
            services.set_levels(form.limits, now=timezone.now(), seen=str(context["seen"]))
        except ChangedMeanwhile:
            fresh, status = limits_by_level(), 409
            context |= _changed_meanwhile(form, LevelsForm(None, fresh), fresh)
        else:
            messages.success(request, _("What levels allow is saved."))
            return redirect("smtp_gateway:standings")
    return TemplateResponse(request, "smtp_gateway/standing_levels.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_standing", raise_exception=True)
def change_plan(request: HttpRequest, name: str) -> HttpResponseBase:
    """The warm-up of new addresses, or of new domains."""
    plan = plan_of(name)
    if plan is None:
        raise Http404
    days = list(plans()[plan])
    form = _plan_form(days, request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    context: Context = {"form": form, "plan": plan, "seen": _seen(request, days)}
    if form.is_valid():
        typed, seen = form.cleaned_data["days"], str(context["seen"])
        try:
            services.set_plan(plan, typed, now=timezone.now(), seen=seen)
        except ChangedMeanwhile:
            fresh, status = list(plans()[plan]), 409
            context |= _changed_meanwhile(form, _plan_form(fresh), fresh)
        else:
            messages.success(request, _("The warm-up is saved."))
            return redirect("smtp_gateway:standings")
    return TemplateResponse(request, "smtp_gateway/warm_up.html", context, status=status)


def _plan_form(days: Sequence[int], data: QueryDict | None = None) -> PlanForm:
    return PlanForm(data, initial={"days": plan_text(days)})


def _seen(request: HttpRequest, values: object) -> str:
    """What the form carries: the mark of what it was filled with."""
    return request.POST.get(FIELD, "") if request.method == "POST" else mark_of_values(values)


def _changed_meanwhile(typed: Form, fresh: Form, values: object) -> Context:
    """To send the form again is to know what is there by now."""
    return {"seen": mark_of_values(values), "changed_meanwhile": differing(typed, fresh)}


def _asked_for(request: HttpRequest) -> SenderAddress | None:
    pk = request.GET.get("sender", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    found: SenderAddress | None = (
        SenderAddress.objects.select_related("standing").filter(pk=int(pk)).first()
    )
    return found


def _sentence(standing: Standing) -> str:
    trouble = standing.brake or standing.warning
    return trouble_sentence(trouble, standing.trouble_count, standing.trouble_of)
