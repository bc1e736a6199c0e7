"""What people decide about flags."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from senders.audit.recording import record
from senders.audited import target_of
from senders.models import SenderAddress

KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def lift_flag(sender: SenderAddress, *, reason: str, decided_by: str, now: datetime) -> bool:
    """Its mail is no bulk, and is not looked at for `KEPT`. False: nothing is flagged any more."""
    with transaction.atomic():
        row: SenderAddress = SenderAddress.objects.locked(sender)
        if row.bulk_since is None:
            return False
        row.bulk_since, row.bulk_evidence = None, None
        row.not_bulk_until = now + KEPT
        row.not_bulk_by, row.not_bulk_reason = decided_by, reason
        row.save(
            update_fields=[
                "bulk_since", "bulk_evidence", "not_bulk_until", "not_bulk_by", "not_bulk_reason"
            ]
        )  # fmt: skip
        told = {"reason": reason, "expires_at": row.not_bulk_until.isoformat()}
        record(action="sender_address.not_bulk", on=target_of(row), after=told)
    log.info("sender_address.not_bulk", extra={"address": row.address})
    return True
