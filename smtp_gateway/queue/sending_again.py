"""A finished mail, sent again: a new message with the same content and envelope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from smtp_gateway import reasons
from smtp_gateway.queue.acting import Acted
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.sent_again import COPY_OF, SENT_AS

_CHOOSE = """
SELECT delivery.id, delivery.message_id
FROM smtp_gateway_delivery AS delivery
JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
WHERE delivery.id = ANY(%(ids)s) AND delivery.finished_at IS NOT NULL
  AND NOT message.sender_address = ANY(%(suspended)s)
  AND (%(leads_out)s OR delivery.state <> 'relayed' OR NOT delivery.reason_code = ANY(%(kept)s))
  -- Not EXISTS: the planner would read the whole table for that.
  AND (SELECT true FROM smtp_gateway_messagecontent WHERE message_id = delivery.message_id)
ORDER BY delivery.id
FOR NO KEY UPDATE OF delivery
"""
# A statement of its own: it sees what another who held the locks before has done.
_WITHOUT_THOSE_SENT_MEANWHILE = """
SELECT id FROM unnest(%s::bigint[]) AS chosen(id)
WHERE NOT EXISTS (
    SELECT FROM smtp_gateway_attempt
    WHERE delivery_id = chosen.id AND id > %s
      AND outcome = 'sent-again' AND starts_with(reason_code, %s))
"""
_SEND_AGAIN = """
WITH new AS (
    SELECT * FROM unnest(%(originals)s::bigint[], %(queue_ids)s::text[]) AS t(original, queue_id)
), message AS (
    INSERT INTO smtp_gateway_message (
        queue_id, origin, mail_type, sender_address, mail_from, message_id, subject, size_bytes,
        -- As long a lifetime as the original had.
        accepted_at, expires_at,
        needs_smtputf8, is_8bit, client_name, tls, session_id, dsn_ret, dsn_envid)
    SELECT new.queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
        size_bytes, now(), now() + (expires_at - accepted_at),
        needs_smtputf8, is_8bit, '', '', '', dsn_ret, dsn_envid
    FROM smtp_gateway_message AS original JOIN new ON new.original = original.id
    -- It may be forgotten at this moment: then nothing is sent.
    WHERE EXISTS (SELECT FROM smtp_gateway_messagecontent WHERE message_id = original.id)
    RETURNING id, queue_id
), content AS (
    INSERT INTO smtp_gateway_messagecontent (message_id, body)
    SELECT message.id, content.body
    FROM message JOIN new USING (queue_id)
    JOIN smtp_gateway_messagecontent AS content ON content.message_id = new.original
), delivery AS (
    INSERT INTO smtp_gateway_delivery (
        message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
        dsn_notify, dsn_orcpt, sender_key)
    SELECT message.id, original.recipient,
        CASE original.lane WHEN 'batch' THEN 'paced' ELSE original.lane END,
        'queued', now(), 0, '', '',
        original.dsn_notify, original.dsn_orcpt, original.sender_key
    FROM smtp_gateway_delivery AS original
    JOIN new ON new.original = original.message_id
    JOIN message USING (queue_id)
    WHERE original.id = ANY(%(ids)s)
    ORDER BY original.id
    RETURNING id, message_id,
        CASE lane WHEN 'paced' THEN 'batch' ELSE lane END AS lane
), event AS (
    INSERT INTO smtp_gateway_attempt (
        delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms)
    SELECT original.id, 'sent-again', now(), '', '', '', %(sent_as)s || new.queue_id,
        %(reason)s, '', 0
    FROM smtp_gateway_delivery AS original
    JOIN new ON new.original = original.message_id
    JOIN message USING (queue_id)
    WHERE original.id = ANY(%(ids)s)
    UNION ALL
    SELECT delivery.id, 'sent-again', now(), '', '', '', %(copy_of)s || original.queue_id,
        %(reason)s, '', 0
    FROM delivery JOIN message ON message.id = delivery.message_id
    JOIN new USING (queue_id)
    JOIN smtp_gateway_message AS original ON original.id = new.original
)
SELECT message.queue_id, delivery.lane, count(*)
FROM delivery JOIN message ON message.id = delivery.message_id GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class AgainRules:
    """What may be sent again, besides that it has ended and its content is kept."""

    suspended: Sequence[str] = ()
    """Sender addresses as which nothing is sent."""
    leads_out: bool = True
    """Whether any route leads out: without one, what was kept here would only stay here again."""
    known_event: int | None = None
    """What was sent again by a later event is not sent once more: a form that is posted twice
    sends once. None: whatever was sent before."""


def newest_event() -> int:
    """Stands for this moment in the history of all mail."""
    with binding_cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM smtp_gateway_attempt")
        ((newest,),) = cursor.fetchall()
        return int(newest)


def send_again(delivery_ids: Sequence[int], *, operator: str, rules: AgainRules) -> Acted:
    """Queues them anew, one new message for the chosen recipients of each original."""
    with transaction.atomic():
        chosen = _choose(delivery_ids, rules)
        if not chosen:
            return Acted()
        queue_ids = {message_id: new_queue_id() for message_id in chosen.values()}
        return _send(chosen, queue_ids, f"Sent again by {operator}.")


def _choose(delivery_ids: Sequence[int], rules: AgainRules) -> dict[int, int]:
    """Message id by delivery id of those that may be sent again, locked."""
    values = {
        "ids": list(delivery_ids),
        "suspended": list(rules.suspended),
        "leads_out": rules.leads_out,
        "kept": list(reasons.KEPT),
    }
    with binding_cursor() as cursor:
        cursor.execute(_CHOOSE, values)
        found: dict[int, int] = dict(cursor.fetchall())
        if rules.known_event is None:
            return found
        cursor.execute(_WITHOUT_THOSE_SENT_MEANWHILE, [list(found), rules.known_event, SENT_AS])
        return {delivery_id: found[delivery_id] for (delivery_id,) in cursor.fetchall()}


def _send(chosen: Mapping[int, int], queue_ids: Mapping[int, str], reason: str) -> Acted:
    values = {
        "ids": list(chosen),
        "originals": list(queue_ids),
        "queue_ids": list(queue_ids.values()),
        "sent_as": SENT_AS,
        "copy_of": COPY_OF,
        "reason": reason,
    }
    with binding_cursor() as cursor:
        cursor.execute(_SEND_AGAIN, values)
        made = cursor.fetchall()
    count = sum(number for _, _, number in made)
    return Acted(count, frozenset(lane for _, lane, _ in made), tuple(row[0] for row in made))
