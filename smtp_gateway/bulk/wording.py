"""Why mail of a trigger address looks like bulk, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senders.models import SenderAddress
from smtp_gateway.bulk.judging import Evidence


@dataclass(frozen=True, slots=True)
class Flag:
    """What the page of the address says."""

    since: datetime
    sentences: list[str]
    consequence: str


def flag_of(sender: SenderAddress, pace_per_minute: int | None) -> Flag | None:
    """None: nothing is wrong. `pace_per_minute`: what the policy does about it."""
    if sender.bulk_since is None:
        return None
    evidence = _evidence(sender.bulk_evidence or {})
    return Flag(sender.bulk_since, list(_sentences(evidence)), _consequence(pace_per_minute))


def _evidence(told: dict[str, Any]) -> Evidence:
    known = {field.name for field in fields(Evidence)}
    return Evidence(**{name: value for name, value in told.items() if name in known})


def _sentences(evidence: Evidence) -> Iterator[str]:
    numbers = {
        "same": intcomma(evidence.same_content),
        "listed": intcomma(evidence.with_list_fields),
        "sampled": intcomma(evidence.sampled),
        "subject": evidence.subject,
        "unwanted": intcomma(evidence.unwanted),
        "of": intcomma(evidence.unwanted_of),
    }
    if evidence.is_same_content and evidence.subject:
        words = _(
            "Of the last %(sampled)s recipients within an hour, %(same)s got the same content: "
            "“%(subject)s”."
        )
        yield words % numbers
    elif evidence.is_same_content:
        yield (
            _("Of the last %(sampled)s recipients within an hour, %(same)s got the same content.")
            % numbers
        )
    if evidence.has_list_fields:
        yield (
            _(
                "Of the last %(sampled)s recipients within an hour, %(listed)s got mail with the "
                "header fields of mailing lists, such as List-Unsubscribe."
            )
            % numbers
        )
    if evidence.is_unwanted:
        yield (
            _("Within 30 days, %(unwanted)s of %(of)s recipients opted out or complained.")
            % numbers
        )


def _consequence(pace_per_minute: int | None) -> str:
    if pace_per_minute is None:
        return _("Mail to many belongs to an address for Batch Mail: create one for it.")
    return ngettext(
        "It is slowed down to %(count)s recipient a minute. Mail to many belongs to an address "
        "for Batch Mail: create one for it.",
        "It is slowed down to %(count)s recipients a minute. Mail to many belongs to an address "
        "for Batch Mail: create one for it.",
        pace_per_minute,
    ) % {"count": intcomma(pace_per_minute)}
