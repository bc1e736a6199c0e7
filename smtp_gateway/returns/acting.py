"""Reads what came back, once, and does what follows: history, counts, suppression, reports.

Each mail is one transaction, which ends with the mail marked as read. So a worker that is killed
has done all of it or nothing, and several at once never do one mail twice.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from senders.opting_out.services import opt_out_by_mail
from smtp_gateway.models import Delivery, ReturnedMail, ReturnKind
from smtp_gateway.return_path.address import COMPLAINTS, POSTMASTER, tokens_in
from smtp_gateway.return_path.token import derive_keys
from smtp_gateway.returns import consequences
from smtp_gateway.returns.reading.read import read
from smtp_gateway.returns.reading.said import Said

_OPT_OUTS = "unsubscribe@"
_MOST_FAULTS = 3
_MOST_EVIDENCE = 1000
_WRITTEN = ("subject", "from_header", "read_by", "reporting_host", "status", "diagnostic",
            "feedback_type")  # fmt: skip

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Case:
    """One mail that came back, what it says, and what it is about."""

    row: ReturnedMail
    said: Said
    delivery: Delivery | None
    """Locked; None: nobody knows, or it is forgotten."""


def read_next() -> bool:
    """Reads one that waits; False: none does, or others are at it."""
    with transaction.atomic():
        row = (
            ReturnedMail.objects.select_for_update(skip_locked=True)
            .filter(processed_at=None)
            .order_by("fault_count", "id")
            .first()
        )
        if row is None:
            return False
        try:
            with transaction.atomic():
                _process(row)
        except Exception:  # the task's edge: one that cannot be read holds up no other
            log.exception("returned.fault", extra={"returned": row.pk})
            _note_fault(row.pk)
    return True


def _note_fault(pk: int) -> None:
    row = ReturnedMail.objects.get(pk=pk)
    row.fault_count += 1
    if row.fault_count >= _MOST_FAULTS:
        row.kind, row.processed_at = ReturnKind.NOT_UNDERSTOOD, timezone.now()
    row.save(update_fields=["fault_count", "kind", "processed_at"])


def _process(row: ReturnedMail) -> None:
    raw = bytes(row.raw or b"")
    if row.to_address.lower().startswith(_OPT_OUTS):
        _opt_out(row, read(raw))
    elif row.to_address.lower().partition("@")[0] == POSTMASTER:
        _to_postmaster(row, read(raw))
    else:
        row.delivery_id = row.delivery_id or _delivery_named_in(row.to_address, raw)
        delivery = _locked(row.delivery_id)
        said = read(raw, expected=delivery.recipient if delivery else "")
        _note(row, said, delivery)
        _CONSEQUENCES.get(said.kind, _nothing)(Case(row, said, delivery))
    row.processed_at = timezone.now()
    row.save()
    facts = {"returned": row.pk, "kind": row.kind, "queue_id": row.queue_id, "by": row.read_by}
    log.info("returned.read", extra=facts)


def _delivery_named_in(to_address: str, raw: bytes) -> int | None:
    """Of a complaint that came to the address of feedback loops: the return path in what it
    returns, as long as that counts.
    """
    if not to_address.lower().startswith(f"{COMPLAINTS}@"):
        return None
    keys = derive_keys([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    today = timezone.now().astimezone(UTC).date()
    found = (token for token in tokens_in(raw, keys) if not token.is_expired(today))
    return next((token.delivery_id for token in found), None)


def _locked(delivery_id: int | None) -> Delivery | None:
    deliveries = Delivery.objects.select_for_update(of=("self",)).select_related("message")
    return deliveries.filter(pk=delivery_id).first() if delivery_id else None


def _note(row: ReturnedMail, said: Said, delivery: Delivery | None) -> None:
    row.kind = said.kind
    for name in _WRITTEN:
        setattr(row, name, _storable(getattr(said, name)))
    row.recipient = _storable(said.recipient)
    if delivery is not None:
        message = delivery.message
        row.queue_id, row.mail_type = message.queue_id, message.mail_type
        row.sender_address, row.recipient = message.sender_address, delivery.recipient
        # The same news about the same delivery: a server that sends twice, or somebody who tries.
        row.is_repeat = ReturnedMail.objects.filter(
            delivery_id=delivery.pk, kind=said.kind, processed_at__isnull=False
        ).exists()


def _opt_out(row: ReturnedMail, said: Said) -> None:
    _note(row, said, None)
    evidence = f"Mail from {row.mail_from or '<>'}: {said.subject}"[:_MOST_EVIDENCE]
    wanted = opt_out_by_mail(said.subject, evidence=evidence, now=row.received_at)
    if wanted is None:
        row.kind = ReturnKind.NOT_UNDERSTOOD
        return
    row.kind, row.read_by = ReturnKind.OPT_OUT, "RFC 2369"
    row.sender_address, row.recipient = wanted.sender_address[:192], wanted.recipient[:320]


def _to_postmaster(row: ReturnedMail, said: Said) -> None:
    """Whatever it says, it is for people to read: nothing vouches for who wrote it."""
    row.kind = ReturnKind.POSTMASTER
    row.subject, row.from_header = _storable(said.subject), _storable(said.from_header)


def _failed(case: Case) -> None:
    consequences.bounced(case.row, case.said, case.delivery)


def _delivered(case: Case) -> None:
    if case.delivery is not None and not case.row.is_repeat:
        consequences.tell_of_success(case.delivery)


def _complaint(case: Case) -> None:
    consequences.complained(case.row, case.delivery)


def _wants_out(case: Case) -> None:
    consequences.wants_out(case.row, case.delivery)


def _nothing(case: Case) -> None:
    """It is shown, and counts for nothing."""


_CONSEQUENCES: Mapping[str, Callable[[Case], None]] = {
    "failed": _failed,
    "delivered": _delivered,
    "complaint": _complaint,
    "opt-out": _wants_out,
}


def forget(*, contents_before: datetime, history_before: datetime) -> None:
    """The bytes after weeks, what was read of them with the history of mail."""
    processed = ReturnedMail.objects.filter(processed_at__isnull=False)
    processed.filter(received_at__lt=contents_before).exclude(raw=None).update(raw=None)
    processed.filter(received_at__lt=history_before).delete()


def _storable(text: str) -> str:
    """Without what PostgreSQL's text cannot hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
