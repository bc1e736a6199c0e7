"""Looks at a sample of each trigger address's mail now and then, and flags what looks like bulk.

A flag goes when nothing was seen for a week, or an admin says that it is wrong. Safe to run twice
at once.
"""

import dataclasses
import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Substr

from senders.models import MailType, SenderAddress, SmtpCredential
from smtp_gateway.bulk.judging import Evidence, Sampled, weigh
from smtp_gateway.models import DailyCount, Delivery, Message
from smtp_gateway.standing.feedback import Feedback, feedback

_SAMPLE_MAILS = 200
_SAMPLE_BYTES = 64 * 1024
_SAMPLED_TIME = timedelta(hours=1)
_UNWANTED_TIME = timedelta(days=30)
_KEPT = timedelta(days=7)

log = logging.getLogger(__name__)


def look(now: datetime) -> None:
    """At all trigger addresses that submitted something within the hour, and at old flags."""
    used = SmtpCredential.objects.filter(
        sender=OuterRef("pk"), last_used_at__gte=now - _SAMPLED_TIME
    )
    trigger = SenderAddress.objects.filter(mail_type=MailType.TRIGGER)
    watched = trigger.filter(_is_watched(now), Exists(used))
    addresses = list(watched.values_list("address", flat=True))
    told = feedback(addresses, now - _UNWANTED_TIME)
    for address in addresses:
        evidence = evidence_of(address, told.get(address, Feedback()), now)
        if evidence.looks_like_bulk:
            _flag(address, evidence, now)
    seen_since = (now - _KEPT).isoformat()
    trigger.filter(bulk_since__isnull=False, bulk_evidence__seen_at__lt=seen_since).update(
        bulk_since=None, bulk_evidence=None
    )


def evidence_of(address: str, told: Feedback, now: datetime) -> Evidence:
    """By the newest mail of the last hour, and what recipients `told` within 30 days."""
    return weigh(
        _sample(address, now - _SAMPLED_TIME),
        # Whoever opted out or complained, whatever else they get no more of by it.
        unwanted=told.opt_outs + told.complaints,
        unwanted_of=_accepted(address, now - _UNWANTED_TIME),
    )


def _is_watched(now: datetime) -> Q:
    """Nobody has decided that it is no bulk."""
    return Q(not_bulk_until=None) | Q(not_bulk_until__lte=now)


def _flag(address: str, evidence: Evidence, now: datetime) -> None:
    told = {**dataclasses.asdict(evidence), "seen_at": now.isoformat()}
    rows = SenderAddress.objects.filter(_is_watched(now), address=address)
    if rows.filter(bulk_since=None).update(bulk_since=now, bulk_evidence=told):
        log.warning("sender_address.looks_like_bulk", extra={"address": address, **told})
    else:
        rows.update(bulk_evidence=told)


def _sample(address: str, since: datetime) -> list[Sampled]:
    rows = Message.objects.filter(sender_address=address, origin="smtp").order_by("-id")
    mails = [
        (pk, subject, bytes(cast("bytes", content or b"")))
        for pk, subject, accepted_at, content in rows.annotate(
            beginning=Substr("content__body", 1, _SAMPLE_BYTES)
        ).values_list("pk", "subject", "accepted_at", "beginning")[:_SAMPLE_MAILS]
        if accepted_at >= since
    ]
    recipients = Counter(
        Delivery.objects.filter(message__in=[pk for pk, *_ in mails]).values_list(
            "message_id", flat=True
        )
    )
    return [Sampled(subject, content, recipients[pk]) for pk, subject, content in mails if content]


def _accepted(address: str, since: datetime) -> int:
    rows = DailyCount.objects.filter(sender_address=address, outcome="accepted", begin__gte=since)
    return int(rows.aggregate(number=Sum("recipients"))["number"] or 0)
