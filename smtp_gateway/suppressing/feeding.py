"""Makes suppressions of what failed for good by its recipient's fault.

The record of an outcome leaves a note of it in the same statement; taking the note away and
writing the suppression is one transaction. So each failure counts once, whoever is killed when.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from senders.errors import InvalidField
from senders.suppression import Reason, Scope
from senders.suppressions.services import suppress
from senders.suppressions.soft import note_soft_bounce
from smtp_gateway.models import Origin
from smtp_gateway.relay.classify import RULES

log = logging.getLogger(__name__)

_EACH = 500
_MOST_EVIDENCE = 2000
# A mail that is forgotten already has nobody to be suppressed.
_TAKE = """
WITH taken AS (
    DELETE FROM smtp_gateway_recipientfault WHERE id IN (
        SELECT id FROM smtp_gateway_recipientfault ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING delivery_id, at, category, reply
)
SELECT message.origin, delivery.recipient, message.sender_address, message.mail_type,
       message.queue_id, taken.category, taken.reply, taken.at
FROM taken
LEFT JOIN smtp_gateway_delivery AS delivery ON delivery.id = taken.delivery_id
LEFT JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
ORDER BY taken.at
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """A mail that did not reach its recipient, by the recipient's fault."""

    recipient: str
    sender_address: str
    mail_type: str
    queue_id: str
    category: str
    """By the rules for replies."""
    reply: str
    at: datetime


def suppress_failed(*, most: int = _EACH) -> bool:
    """Works off up to `most` notes; whether there may be more."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [most])
            rows = cursor.fetchall()
        for origin, *facts in rows:
            # DirectMail's own mail neither suppresses nor is suppressed.
            if origin not in (None, Origin.SYSTEM):
                note_failure(Failure(*facts))
    return len(rows) >= most


def note_failure(failure: Failure) -> None:
    """Does what the rules say of its category; also for what comes back as a report later."""
    category = RULES.categories.get(failure.category)
    if category is None or not category.suppresses:
        return
    try:
        _BY_KIND[category.suppresses](failure)
    except InvalidField as error:
        log.warning("suppression.not_made", extra={"error": str(error)})


def _hard(failure: Failure) -> None:
    _suppress(failure, Scope.ORGANISATION)


def _of_sender(failure: Failure) -> None:
    _suppress(failure, Scope.ADDRESS if failure.sender_address else Scope.ORGANISATION)


def _suppress(failure: Failure, scope: Scope) -> None:
    suppress(
        reason=Reason.HARD_BOUNCE,
        recipient_or_domain=failure.recipient,
        scope=scope,
        sender_address=failure.sender_address,
        evidence=failure.reply[:_MOST_EVIDENCE],
        category=failure.category,
        queue_id=failure.queue_id,
        now=failure.at,
    )


def _soft(failure: Failure) -> None:
    note_soft_bounce(
        recipient=failure.recipient,
        sender_address=failure.sender_address,
        evidence=failure.reply[:_MOST_EVIDENCE],
        category=failure.category,
        queue_id=failure.queue_id,
        now=failure.at,
    )


_BY_KIND: dict[str, Callable[[Failure], None]] = {
    "hard": _hard,
    "sender": _of_sender,
    "soft": _soft,
}
