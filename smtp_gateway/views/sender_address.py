"""Everything about one sender address on one page, and how an application connects as it."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from senders.credential_list import credential_list
from senders.domains.reading import status_of
from senders.models import DkimKey, SenderAddress
from senders.policies.reading import policy_of
from senders.policies.wording import rules_of
from senders.reply_to import reply_to_state
from senders.suppression import Reason
from senders.suppressions.reading import counts_of_sender
from smtp_gateway.bulk.wording import flag_of
from smtp_gateway.directory import sender_policy
from smtp_gateway.quota.wording import usage_shown
from smtp_gateway.sender_page.activity import activity
from smtp_gateway.sender_page.connection import (
    CA_FILE,
    connection_of,
    fingerprint,
    self_signed_certificate,
)
from smtp_gateway.sender_page.failure_words import words_of_failure, words_of_sessions
from smtp_gateway.sender_page.next_steps import next_steps
from smtp_gateway.sender_page.refused_sessions import refused_sessions
from smtp_gateway.sender_page.snippets import snippets
from smtp_gateway.sender_page.submissions import last_submissions
from smtp_gateway.sender_page.volume import draw_volume
from smtp_gateway.standing.picture import picture
from smtp_gateway.standing.reading import standing_shown
from smtp_gateway.standing.wording import allowance_sentence, change_title
from smtp_gateway.views.standing import trouble_context

Context = dict[str, object]


@require_safe
def sender_address(request: HttpRequest, pk: int) -> TemplateResponse:
    sender = _sender(pk)
    now = timezone.now()
    policy = policy_of(sender.mail_type)
    submissions = last_submissions(sender.address)
    context: Context = {
        "sender": sender,
        "reply_to": reply_to_state(sender, now),
        "credentials": credential_list(sender, now),
        "rules": rules_of(policy),
        "bulk": flag_of(sender, policy.bulk_pace_per_minute),
        "is_not_bulk": sender.not_bulk_until is not None and sender.not_bulk_until > now,
        "usage": usage_shown(sender, sender_policy(sender.address, sender.mail_type).quota, now),
        "submissions": submissions,
        **_happened(sender, now),
        "steps": next_steps(sender, now, has_sent=bool(submissions)),
        **_standing(sender, now),
        "suppressed": _suppressed(sender, now),
        **_signing(sender, now),
        **_connecting(sender),
    }
    return TemplateResponse(request, "smtp_gateway/sender_address.html", context)


@require_safe
def mails(request: HttpRequest, pk: int) -> TemplateResponse:
    """The last mails alone, asked for again and again while somebody looks at the page.

    `first`: the page shows none yet; with the first mail, all of it has to change.
    """
    sender = _sender(pk)
    submissions = last_submissions(sender.address)
    context = {"sender": sender, "submissions": submissions}
    response = TemplateResponse(request, "smtp_gateway/sender_address_mails.html", context)
    if "first" in request.GET and submissions:
        trigger_client_event(response, "console:changed")
    return response


@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    """The gateway's certificate, for applications to trust; 404 where nobody has to be told."""
    pem = self_signed_certificate()
    if not pem:
        raise Http404
    return HttpResponse(
        pem,
        content_type="application/x-pem-file",
        headers={"Content-Disposition": f'attachment; filename="{CA_FILE}"'},
    )


def _sender(pk: int) -> SenderAddress:
    rows = SenderAddress.objects.with_living_credentials()
    rows = rows.select_related("reply_to_verification", "standing")
    sender: SenderAddress = get_object_or_404(rows, pk=pk)
    return sender


def _happened(sender: SenderAddress, now: datetime) -> Context:
    month = activity(sender.address, now)
    refused = refused_sessions(sender.address, month.since)
    return {
        "volume": draw_volume(month.days),
        "failures": [(failure, words_of_failure(failure)) for failure in month.failures],
        "refusals": [(sessions, words_of_sessions(sessions, sender)) for sessions in refused],
    }


def _standing(sender: SenderAddress, now: datetime) -> Context:
    shown = standing_shown(sender, now)
    level = shown.standing.shown_level
    return {
        "standing": shown.standing,
        "level_picture": picture(shown.changes, level, now),
        "allowance": allowance_sentence(shown.allowance, shown.limits),
        "newest_change": change_title(shown.changes[0]) if shown.changes else "",
        "newest_change_at": shown.changes[0].at if shown.changes else None,
        "preview_url": f"{reverse('smtp_gateway:preview')}?sender={sender.pk}",
        **trouble_context(shown.standing),
    }


def _suppressed(sender: SenderAddress, now: datetime) -> list[tuple[object, int]]:
    counts = counts_of_sender(sender.address, now)
    return [(Reason(reason).label, count) for reason, count in counts.items()]


def _signing(sender: SenderAddress, now: datetime) -> Context:
    """Whether its mail may leave, and what signs it: keys of its domain, or of the one above."""
    domain = sender.address.rpartition("@")[2]
    status = status_of(domain, now)
    keys = list(DkimKey.objects.present().of_domains({domain, status.covered_by} - {""}))
    active = [key for key in keys if key.state == "active"]
    own = [key for key in active if key.domain == domain]
    return {
        "domain": domain,
        "domain_status": status,
        "lets_unverified_out": settings.ALLOW_UNVERIFIED_DOMAINS,
        "signing_keys": own or active,
        "has_dkim_keys": bool(keys),
    }


def _connecting(sender: SenderAddress) -> Context:
    pem = self_signed_certificate()
    connection = connection_of(sender.address, pem)
    return {
        "connection": connection,
        "fingerprint": fingerprint(pem) if pem else "",
        "snippets": snippets(connection),
    }
