"""A suppression as JSON, for scripts."""

from datetime import datetime
from typing import Any

from senders.suppression import Suppression


def as_shape(row: Suppression, now: datetime) -> dict[str, Any]:
    return {
        "id": row.pk,
        "target": row.target,
        "reason": row.reason,
        "scope": row.scope,
        "sender_address": row.sender_address,
        "mail_type": row.mail_type,
        "state": str(row.state(now)),
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        "times": row.times,
        "evidence": row.evidence,
        "note": row.note,
        "queue_id": row.queue_id,
    }
