"""What holds for each mail type, and changing that."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from senders.models import MailType, MailTypePolicy
from senders.opting_out.links import one_click_counts
from senders.policies import services
from senders.policies.forms import FORMS, PolicyForm
from senders.policies.reading import policies, policy_as
from senders.policies.wording import changes, rules_of
from senders.seen import FIELD, ChangedMeanwhile, differing, ensure_seen, mark_of


@require_safe
def show(request: HttpRequest) -> TemplateResponse:
    """Both policies in sentences."""
    found = policies()
    shown = [
        (mail_type, MailType(mail_type).label, rules_of(policy))
        for mail_type, policy in found.items()
    ]
    has_links = any(policy.unsubscribe == "one-click" for policy in found.values())
    context = {"policies": shown, "lacks_https": has_links and not one_click_counts()}
    return TemplateResponse(request, "senders/policies/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_policy", raise_exception=True)
def change(request: HttpRequest, mail_type: str) -> HttpResponseBase:
    """The form; once it is right, what it changes in sentences, with a way back; then saved."""
    row = services.row_of(mail_type)
    form = FORMS[mail_type](request.POST if request.method == "POST" else None, row=row)
    seen = request.POST.get(FIELD, "") if form.is_bound else mark_of(row)
    if not form.is_valid():
        return _form(request, form, mail_type, seen, status=422 if form.is_bound else 200)
    if "again" in request.POST:
        return _form(request, form, mail_type, seen)
    try:
        if "confirmed" not in request.POST:
            ensure_seen(mark_of(row), seen)
            return _review(request, form, row)
        services.change_policy(mail_type, values=form.values, now=timezone.now(), seen=seen)
    except ChangedMeanwhile:
        return _changed_meanwhile(request, form, mail_type)
    name = MailType(mail_type).label
    messages.success(request, _("The policy of %(type)s is saved.") % {"type": name})
    return redirect("senders:policies")


def _form(
    request: HttpRequest, form: PolicyForm, mail_type: str, seen: str, **more: Any
) -> TemplateResponse:
    context = {
        "form": form,
        "mail_type": mail_type,
        "type_label": MailType(mail_type).label,
        "seen": seen,
        "changed_meanwhile": more.get("changed_meanwhile"),
    }
    status = more.get("status", 200)
    return TemplateResponse(request, "senders/policies/change.html", context, status=status)


def _changed_meanwhile(request: HttpRequest, form: PolicyForm, mail_type: str) -> TemplateResponse:
    """The form as it was typed, beside what is there by now; to send it again is to know that."""
    row = services.row_of(mail_type)
    changed = differing(form, FORMS[mail_type](row=row))
    return _form(request, form, mail_type, mark_of(row), status=409, changed_meanwhile=changed)


def _review(request: HttpRequest, form: PolicyForm, row: MailTypePolicy) -> TemplateResponse:
    before, names = policy_as(row), {*form.fields, FIELD}
    for name, value in form.values.items():
        setattr(row, name, value)
    context = {
        "form": form,
        "mail_type": row.mail_type,
        "type_label": MailType(row.mail_type).label,
        "changes": changes(before, policy_as(row)),
        "kept": [(name, value) for name, value in request.POST.items() if name in names],
    }
    return TemplateResponse(request, "senders/policies/review.html", context)
