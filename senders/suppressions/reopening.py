"""Lets a suppression hold again that was lifted by mistake, so that it is one row all its life."""

from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from senders.suppression import Suppression, this_transaction
from senders.suppressions.writing import Entry, Written

_MOST_EVIDENCE = 2000


def reopen(entry: Entry, *, lifted_because: str) -> list[Written]:
    """The newest of this identity that was lifted for this reason; empty: there is none, or one
    holds already.

    It holds since now, and its evidence names what was before, the newest first.
    """
    with transaction.atomic():
        row = _lifted(entry, lifted_because)
        if row is None:
            return []
        try:
            with transaction.atomic():
                _let_hold(row, entry)
        except IntegrityError:
            # Somebody else has begun one in this moment.
            return []
    return [Written(row.pk, row.target, is_new=False)]


def _lifted(entry: Entry, because: str) -> Suppression | None:
    names = ("target", "reason", "scope", "sender_address", "mail_type")
    rows = Suppression.objects.filter(**dict(zip(names, entry.identity, strict=True)))
    if rows.filter(ended_at=None).exists():
        return None
    undone = rows.filter(lifted_at__isnull=False, lift_reason=because)
    found: Suppression | None = undone.select_for_update().order_by("-id").first()
    return found


def _let_hold(row: Suppression, entry: Entry) -> None:
    told = f"{entry.evidence}\n{_undone(row.lifted_at)}\n{row.evidence}"
    Suppression.objects.filter(pk=row.pk).update(
        ended_at=None,
        lifted_at=None,
        lifted_by="",
        lift_reason="",
        evidence=told[:_MOST_EVIDENCE],
        caused_by=entry.caused_by,
        times=F("times") + 1,
        created_at=entry.created_at,
        last_at=entry.created_at,
        expires_at=entry.expires_at,
        changed_in=this_transaction(),
    )


def _undone(at: datetime | None) -> str:
    return f"(undone {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)" if at else "(undone)"
