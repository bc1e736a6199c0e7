"""What is forgotten: contents, mails of the local mailbox, whole mails with their history.

A walk goes through the oldest mail by id, a bounded piece a statement, and passes over what is
open, what the mailbox holds, what a report is still due of, and what somebody else has locked. What
it forgot is gone, so the next walk begins with what was left.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from smtp_gateway.bridge import LOOK_UPS
from smtp_gateway.queue.binding import binding_cursor

_MESSAGES_EACH, _BYTES_EACH = 500, 32 * 1024 * 1024
_RECIPIENTS_EACH = 2000

# `message` may go once everything about it has ended before that time.
_HAS_ENDED = """
    NOT EXISTS (
        SELECT FROM smtp_gateway_delivery WHERE message_id = message.id
          AND (finished_at IS NULL OR finished_at >= %(before)s))
    AND NOT EXISTS (SELECT FROM smtp_gateway_caughtmail WHERE message_id = message.id)
    AND NOT EXISTS (
        SELECT FROM smtp_gateway_deliveryreport AS report
        JOIN smtp_gateway_delivery AS delivery ON delivery.id = report.delivery_id
        WHERE delivery.message_id = message.id AND report.made_at IS NULL)
"""
_CONTENTS = """
WITH piece AS MATERIALIZED (
    SELECT message_id FROM smtp_gateway_messagecontent
    WHERE message_id > %(after)s ORDER BY message_id LIMIT %(most)s
), judged AS MATERIALIZED (
    SELECT message.id, message.size_bytes, accepted_at < %(before)s AS is_old,
           accepted_at < %(before)s AND {has_ended} AS may_go
    FROM piece JOIN smtp_gateway_message AS message ON message.id = piece.message_id
), weighed AS MATERIALIZED (
    SELECT *, coalesce(sum(size_bytes) FILTER (WHERE may_go) OVER (
        ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) < %(bytes)s AS fits
    FROM judged
), locked AS MATERIALIZED (
    SELECT message_id FROM smtp_gateway_messagecontent
    WHERE message_id = ANY(ARRAY(SELECT id FROM weighed WHERE may_go AND fits))
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM smtp_gateway_messagecontent
    WHERE message_id = ANY(ARRAY(SELECT message_id FROM locked)) RETURNING message_id
)
SELECT max(id) FILTER (WHERE fits), coalesce(bool_and(is_old) FILTER (WHERE fits), false),
       (SELECT count(*) FROM gone)
FROM weighed
"""
_HISTORY = """
WITH piece AS MATERIALIZED (
    SELECT id, accepted_at < %(before)s AS is_old FROM smtp_gateway_message
    WHERE id > %(after)s ORDER BY id LIMIT %(most)s
), judged AS MATERIALIZED (
    SELECT message.id,
           (SELECT count(*) FROM smtp_gateway_delivery WHERE message_id = message.id) AS recipients
    FROM piece JOIN smtp_gateway_message AS message USING (id)
    WHERE is_old AND {has_ended}
), weighed AS MATERIALIZED (
    SELECT id, coalesce(sum(recipients) OVER (
        ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) < %(recipients)s AS fits
    FROM judged
), locked AS MATERIALIZED (
    SELECT id FROM smtp_gateway_message
    WHERE id = ANY(ARRAY(SELECT id FROM weighed WHERE fits))
    FOR UPDATE SKIP LOCKED
), delivery AS MATERIALIZED (
    SELECT id FROM smtp_gateway_delivery WHERE message_id = ANY(ARRAY(SELECT id FROM locked))
), report AS (
    DELETE FROM smtp_gateway_deliveryreport
    WHERE delivery_id = ANY(ARRAY(SELECT id FROM delivery))
), attempt AS (
    DELETE FROM smtp_gateway_attempt WHERE delivery_id = ANY(ARRAY(SELECT id FROM delivery))
), recipient AS (
    DELETE FROM smtp_gateway_delivery WHERE id = ANY(ARRAY(SELECT id FROM delivery))
), content AS (
    DELETE FROM smtp_gateway_messagecontent WHERE message_id = ANY(ARRAY(SELECT id FROM locked))
), gone AS (
    DELETE FROM smtp_gateway_message WHERE id = ANY(ARRAY(SELECT id FROM locked)) RETURNING id
), done(last) AS (
    SELECT coalesce((SELECT min(id) - 1 FROM weighed WHERE NOT fits), (SELECT max(id) FROM piece))
)
SELECT last, (SELECT coalesce(bool_and(is_old), false) FROM piece WHERE id <= last),
       (SELECT count(*) FROM gone)
FROM done
"""
_CAUGHT = """
DELETE FROM smtp_gateway_caughtmail WHERE message_id = ANY(ARRAY(
    SELECT message_id FROM smtp_gateway_caughtmail WHERE caught_at < %s
    ORDER BY message_id LIMIT %s FOR UPDATE SKIP LOCKED))
"""
_REFUSED = """
DELETE FROM smtp_gateway_refusedmail WHERE id = ANY(ARRAY(
    SELECT id FROM smtp_gateway_refusedmail WHERE at < %s
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
"""
_PLAN = "SELECT set_config(name, value, true) FROM unnest(%s::text[], %s::text[]) AS t(name, value)"
_SETTINGS = {**LOOK_UPS, "statement_timeout": "30s"}


@dataclass(frozen=True, slots=True)
class Walked:
    """How many mails a piece of a walk forgot, and behind which the next begins; None: none."""

    forgotten: int
    after: int | None


Step = Callable[[int], Walked]
"""A piece of a walk that begins behind that message id."""


def forget_contents(*, before: datetime, after: int) -> Walked:
    """Forgets the bytes of mails whose last delivery ended before that time."""
    return _walk(_CONTENTS, before, after)


def forget_history(*, before: datetime, after: int) -> Walked:
    """Forgets mails whose last delivery ended before that time, and all that is known of them."""
    return _walk(_HISTORY, before, after)


def forget_caught(*, before: datetime) -> int:
    """Takes up to a few hundred mails out of the local mailbox that came before; how many."""
    return _delete(_CAUGHT, before)


def forget_refused(*, before: datetime) -> int:
    """Forgets up to a few hundred mails that were refused before; how many."""
    return _delete(_REFUSED, before)


def walk(step: Step, *, after: int = 0, seconds: float) -> Walked:
    """As many steps as there is time for, one at least; all that they forgot."""
    deadline, forgotten = time.monotonic() + seconds, 0
    while True:
        walked = step(after)
        forgotten += walked.forgotten
        if walked.after is None or time.monotonic() >= deadline:
            return Walked(forgotten, walked.after)
        after = walked.after


def _walk(statement: str, before: datetime, after: int) -> Walked:
    values = {
        "before": before, "after": after, "most": _MESSAGES_EACH, "bytes": _BYTES_EACH,
        "recipients": _RECIPIENTS_EACH,
    }  # fmt: skip
    with transaction.atomic(), binding_cursor() as cursor:
        # One plan for tables of any size: few rows, found by index.
        cursor.execute(_PLAN, [list(_SETTINGS), list(_SETTINGS.values())])
        cursor.execute(statement.format(has_ended=_HAS_ENDED), values)
        ((last, is_old, forgotten),) = cursor.fetchall()
    # Ids grow with the time of acceptance, all but: behind a young mail there is nothing to do.
    return Walked(forgotten, last if is_old else None)


def _delete(statement: str, before: datetime) -> int:
    with binding_cursor() as cursor:
        cursor.execute(statement, [before, _MESSAGES_EACH])
        return cursor.rowcount
