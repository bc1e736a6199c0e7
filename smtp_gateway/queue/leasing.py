"""Out of the queue: what is due, by lane, into one relay's hand, and back when it was not begun."""

from collections.abc import Collection
from typing import Any

from smtp_gateway.dsn import NO_MAIL_DSN, NO_RECIPIENT_DSN, MailDsn, RecipientDsn
from smtp_gateway.identity import MailType
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.queue.outlook import FRONT, Outlook
from smtp_gateway.queue.values import LeasedDelivery

# Where a lane has a backlog, its senders take turns for so large a part of each lease, and the
# oldest mail has the rest: so nothing waits for ever, however many senders there are.
_SHARED_PART = 0.75
# Of one look for senders, so that it costs the same with a million of them.
_MOST_SENDERS = 128

_LEASE = """
WITH relay AS (
    SELECT id FROM smtp_gateway_relayprocess WHERE id = %(relay_id)s FOR KEY SHARE
){fair}, oldest AS MATERIALIZED (
    SELECT id, next_attempt_at FROM smtp_gateway_delivery
    WHERE state = 'queued' AND lane = %(lane)s
      AND next_attempt_at BETWEEN to_timestamp(%(floor)s) AND now()
      AND EXISTS (SELECT FROM relay){not_fair}
    ORDER BY next_attempt_at
    LIMIT {left}
    FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE smtp_gateway_delivery AS delivery SET state = 'leased', leased_by = %(relay_id)s
    WHERE delivery.id = ANY(ARRAY({due}))
    RETURNING delivery.id, delivery.message_id, delivery.recipient, delivery.attempt_count,
              delivery.dsn_notify, delivery.dsn_orcpt, delivery.reason_code
)
SELECT leased.id, message.id, message.queue_id, message.origin, message.mail_type,
       message.mail_from, leased.recipient, message.message_id, leased.attempt_count,
       message.size_bytes, message.needs_smtputf8, message.is_8bit, message.expires_at,
       message.sender_address, leased.reason_code,
       message.dsn_ret, message.dsn_envid, leased.dsn_notify, leased.dsn_orcpt,
       -- Once for the recipients of a message, who stand together.
       CASE WHEN message.size_bytes <= %(small_bytes)s
             AND message.id IS DISTINCT FROM lag(message.id) OVER (ORDER BY leased.id)
            THEN (SELECT body FROM smtp_gateway_messagecontent WHERE message_id = message.id)
       END,
       (SELECT extract(epoch FROM max(next_attempt_at))::float8 FROM oldest)
FROM leased JOIN smtp_gateway_message AS message ON message.id = leased.message_id
ORDER BY leased.id
"""
# Compared and ordered by the whole key: else the planner, who does not know the sender, may choose
# the index by time alone and look through everybody's mail for that of one.
_FAIR = """, fair AS MATERIALIZED (
    SELECT own.id FROM unnest(%(senders)s::int[]) AS sender(key) CROSS JOIN LATERAL (
        SELECT id FROM smtp_gateway_delivery
        WHERE state = 'queued' AND EXISTS (SELECT FROM relay)
          AND (lane, sender_key, next_attempt_at)
              >= (%(lane)s, sender.key, to_timestamp(%(floor)s))
          AND (lane, sender_key, next_attempt_at) <= (%(lane)s, sender.key, now())
        ORDER BY lane, sender_key, next_attempt_at
        LIMIT %(share)s
        FOR UPDATE SKIP LOCKED
    ) AS own
)"""
_LEASE_OLDEST = _LEASE.format(fair="", not_fair="", left="%(limit)s", due="SELECT id FROM oldest")
_LEASE_SHARED = _LEASE.format(
    fair=_FAIR,
    not_fair=" AND id <> ALL(ARRAY(SELECT id FROM fair))",
    left="%(limit)s - (SELECT count(*) FROM fair)",
    due="SELECT id FROM fair UNION ALL SELECT id FROM oldest",
)
# From the highest key down, as each sender's newest mail is met first: in the other direction
# stands what has left the queue already.
_SENDERS = """
WITH RECURSIVE sender(key, number) AS (
    SELECT (
        SELECT sender_key FROM smtp_gateway_delivery
        WHERE state = 'queued' AND lane = %(lane)s AND sender_key < %(behind)s
        ORDER BY sender_key DESC, next_attempt_at DESC LIMIT 1
    ), 1
    UNION ALL
    SELECT (
        SELECT sender_key FROM smtp_gateway_delivery
        WHERE state = 'queued' AND lane = %(lane)s AND sender_key < sender.key
        ORDER BY sender_key DESC, next_attempt_at DESC LIMIT 1
    ), number + 1
    FROM sender WHERE key IS NOT NULL AND number < %(most)s
)
SELECT key, (
    -- Not by EXISTS, to which an order means nothing.
    SELECT true FROM smtp_gateway_delivery WHERE state = 'queued'
      AND (lane, sender_key, next_attempt_at) >= (%(lane)s, sender.key, to_timestamp(%(floor)s))
      AND (lane, sender_key, next_attempt_at) <= (%(lane)s, sender.key, now())
    ORDER BY lane, sender_key, next_attempt_at LIMIT 1
) IS NOT NULL
FROM sender WHERE key IS NOT NULL
"""
_ABOVE_EVERY_KEY = 2**31
_CONTENTS = "SELECT message_id, body FROM smtp_gateway_messagecontent WHERE message_id = ANY(%s)"
_GIVE_BACK = """
UPDATE smtp_gateway_delivery SET state = 'queued', leased_by = NULL
WHERE state = 'leased' AND leased_by = %s AND lane = %s AND NOT id = ANY(%s)
"""
_UNTIL_DUE = """
SELECT extract(epoch FROM min(next_attempt_at) - now())::float8
FROM smtp_gateway_delivery
WHERE state = 'queued' AND lane = %s AND next_attempt_at >= to_timestamp(%s)
"""

Taken = tuple[list[LeasedDelivery], dict[int, bytes]]
"""Deliveries, and by message id the bytes of those that are small."""


def take(
    *,
    relay_id: int,
    lane: MailType,
    limit: int,
    small_bytes: int,
    outlook: Outlook | None = None,
) -> Taken:
    """Takes up to `limit` due deliveries of a lane into this relay's hand, and reads contents of up
    to `small_bytes` each along with them.

    A relay that was taken for dead gets none: what it held is with others already.

    With the same `outlook` each time, senders share a backlog fairly, and the cost does not grow
    with what has left the queue; without one the oldest mail is taken.
    """
    outlook = outlook or Outlook()
    shared = max(1, int(limit * _SHARED_PART))
    if outlook.wants_survey:
        _survey(outlook, lane, most=min(shared, _MOST_SENDERS))
    began, floor, senders = outlook.clock(), outlook.floor(), outlook.turn(shared)
    values = {
        "relay_id": relay_id, "lane": lane, "limit": limit, "small_bytes": small_bytes,
        "floor": floor, "senders": senders,
        "share": shared // max(1, len(senders)),
    }  # fmt: skip
    with binding_cursor() as cursor:
        cursor.execute(_LEASE_SHARED if senders else _LEASE_OLDEST, values, binary=True)
        rows = cursor.fetchall()
    oldest = [row[-1] for row in rows[:1] if row[-1] is not None]
    outlook.leased(began, floor, oldest, is_full=len(rows) >= limit)
    contents = {message_id: body for _, message_id, *_, body, _ in rows if body is not None}
    return [_leased(row) for row in rows], contents


def _survey(outlook: Outlook, lane: MailType, *, most: int) -> None:
    began, behind = outlook.clock(), outlook.behind
    values = {
        "lane": lane, "most": most, "floor": outlook.floor(),
        "behind": _ABOVE_EVERY_KEY if behind is None else behind,
    }  # fmt: skip
    with binding_cursor() as cursor:
        cursor.execute(_SENDERS, values, binary=True)
        outlook.surveyed(began, cursor.fetchall(), most=most)


def _leased(row: tuple[Any, ...]) -> LeasedDelivery:
    return LeasedDelivery(*(*row[:-6], *_dsn(*row[-6:-2])))


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


def seconds_until_due(*, lane: MailType, outlook: Outlook | None = None) -> float | None:
    """How long until the lane's next delivery is due, negative when it is; None: none waits."""
    floor = outlook.floor() if outlook else FRONT
    with binding_cursor() as cursor:
        cursor.execute(_UNTIL_DUE, [lane, floor], binary=True)
        ((seconds,),) = cursor.fetchall()
        return None if seconds is None else float(seconds)
