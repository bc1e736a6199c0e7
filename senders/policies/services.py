"""What an admin does to policies."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from senders.audit.recording import Target, record
from senders.policies.defaults import DEFAULTS
from senders.policies.reading import default
from senders.policies.table import MailTypePolicy
from senders.seen import ensure_seen, mark_of

log = logging.getLogger(__name__)


def row_of(mail_type: str) -> MailTypePolicy:
    """What is written down for that type, or would be."""
    return MailTypePolicy.objects.filter(pk=mail_type).first() or default(mail_type)


def change_policy(
    mail_type: str, *, values: Mapping[str, Any], now: datetime, seen: str = ""
) -> MailTypePolicy:
    """Sets fields of the table by their names. Gateways and relays know within seconds.

    `seen`: the mark of what the admin had before him. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        MailTypePolicy.objects.get_or_create(pk=mail_type, defaults=DEFAULTS[mail_type])
        row = MailTypePolicy.objects.select_for_update().get(pk=mail_type)
        ensure_seen(mark_of(row), seen)
        before = _facts(row, values)
        for name, value in values.items():
            setattr(row, name, value)
        row.changed_at = now
        row.save()
        target = Target("policy", mail_type, mail_type, reverse("senders:policies"))
        record(action="policy.changed", on=target, before=before, after=_facts(row, values))
    log.info("policy.changed", extra={"mail_type": mail_type})
    return row


def _facts(row: MailTypePolicy, names: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON can hold it."""
    values = {name: getattr(row, name) for name in names}
    return {
        name: value if value is None or isinstance(value, bool | int) else str(value)
        for name, value in values.items()
    }
