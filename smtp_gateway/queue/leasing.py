"""Out of the queue: what is due, by lane, into one relay's hand, and back when it was not begun."""

from collections.abc import Collection
from typing import Any

from smtp_gateway.dsn import NO_MAIL_DSN, NO_RECIPIENT_DSN, MailDsn, RecipientDsn
from smtp_gateway.identity import MailType
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.queue.values import LeasedDelivery

_LEASE = """
WITH relay AS (
    SELECT id FROM smtp_gateway_relayprocess WHERE id = %s FOR KEY SHARE
), due AS (
    SELECT id FROM smtp_gateway_delivery
    WHERE state = 'queued' AND lane = %s AND next_attempt_at <= now()
      AND EXISTS (SELECT FROM relay)
    ORDER BY next_attempt_at
    LIMIT %s
    FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE smtp_gateway_delivery AS delivery SET state = 'leased', leased_by = %s
    WHERE delivery.id = ANY(ARRAY(SELECT id FROM due))
    RETURNING delivery.id, delivery.message_id, delivery.recipient, delivery.attempt_count,
              delivery.dsn_notify, delivery.dsn_orcpt
)
SELECT leased.id, message.id, message.queue_id, message.origin, message.mail_type,
       message.mail_from, leased.recipient, message.message_id, leased.attempt_count,
       message.size_bytes, message.needs_smtputf8, message.is_8bit, message.expires_at,
       message.dsn_ret, message.dsn_envid, leased.dsn_notify, leased.dsn_orcpt,
       -- Once for the recipients of a message, who stand together.
       CASE WHEN message.size_bytes <= %s
             AND message.id IS DISTINCT FROM lag(message.id) OVER (ORDER BY leased.id)
            THEN (SELECT body FROM smtp_gateway_messagecontent WHERE message_id = message.id)
       END
FROM leased JOIN smtp_gateway_message AS message ON message.id = leased.message_id
ORDER BY leased.id
"""
_CONTENTS = "SELECT message_id, body FROM smtp_gateway_messagecontent WHERE message_id = ANY(%s)"
_GIVE_BACK = """
UPDATE smtp_gateway_delivery SET state = 'queued', leased_by = NULL
WHERE state = 'leased' AND leased_by = %s AND lane = %s AND NOT id = ANY(%s)
"""
_UNTIL_DUE = """
SELECT extract(epoch FROM min(next_attempt_at) - now())::float8
FROM smtp_gateway_delivery WHERE state = 'queued' AND lane = %s
"""

Taken = tuple[list[LeasedDelivery], dict[int, bytes]]
"""Deliveries, and by message id the bytes of those that are small."""


def lease(*, relay_id: int, lane: MailType, limit: int) -> list[LeasedDelivery]:
    """Takes up to `limit` due deliveries of a lane into this relay's hand.

    A relay that was taken for dead gets none: what it held is with others already.
    """
    return take(relay_id=relay_id, lane=lane, limit=limit, small_bytes=-1)[0]


def take(*, relay_id: int, lane: MailType, limit: int, small_bytes: int) -> Taken:
    """Leases, and reads the contents of up to `small_bytes` each along with it."""
    with binding_cursor() as cursor:
        cursor.execute(_LEASE, [relay_id, lane, limit, relay_id, small_bytes], binary=True)
        rows = cursor.fetchall()
    contents = {message_id: body for _, message_id, *_, body in rows if body is not None}
    return [_leased(row) for row in rows], contents


def _leased(row: tuple[Any, ...]) -> LeasedDelivery:
    return LeasedDelivery(*(*row[:-5], *_dsn(*row[-5:-1])))


def _dsn(ret: str, envid: str, notify: str, orcpt: str) -> tuple[MailDsn, RecipientDsn]:
    # Nearly always nothing was asked: the values for that are made once.
    mail = MailDsn(ret, envid) if ret or envid else NO_MAIL_DSN
    return mail, RecipientDsn(notify, orcpt) if notify or orcpt else NO_RECIPIENT_DSN


def contents(message_ids: Collection[int]) -> dict[int, bytes]:
    """The bytes of each message, by its id."""
    with binding_cursor() as cursor:
        cursor.execute(_CONTENTS, [list(message_ids)], binary=True)
        return dict(cursor.fetchall())


def keep_only(*, relay_id: int, lane: MailType, delivery_ids: Collection[int]) -> None:
    """Gives back what this relay holds of a lane except these: no attempt was begun for the rest.

    Also finds deliveries whose lease was committed while the answer was lost.
    """
    with binding_cursor() as cursor:
        cursor.execute(_GIVE_BACK, [relay_id, lane, list(delivery_ids)])


def seconds_until_due(*, lane: MailType) -> float | None:
    """How long until the lane's next delivery is due, negative when it is; None: none waits."""
    with binding_cursor() as cursor:
        cursor.execute(_UNTIL_DUE, [lane], binary=True)
        ((seconds,),) = cursor.fetchall()
        return None if seconds is None else float(seconds)
