"""The queue: accept, lease, record outcomes, free what a dead relay held. All SQL on its tables.

Everything here blocks; coroutines call it through the bridge. One statement is one transaction,
and times that processes compare are the database's own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection, transaction

from smtp_gateway.identity import MailType

FinalState = Literal["relayed", "bounced", "expired"]
ComposedOrigin = Literal["console", "system"]
OutcomeName = Literal["relayed", "deferred", "bounced", "expired"]


@dataclass(frozen=True, slots=True)
class Client:
    """Where a submission came from."""

    ip: str | None = None
    name: str = ""
    """What the client called itself in EHLO."""
    tls: str = ""
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A complete mail with its envelope, ready to be made durable."""

    queue_id: str
    origin: Literal["smtp", "console", "system"]
    mail_type: MailType
    sender_address: str
    """The credential it was submitted with; empty for DirectMail's own mail."""
    mail_from: str
    recipients: Sequence[str]
    content: bytes
    """The bytes to relay, with every added header."""
    accepted_at: datetime
    expires_at: datetime
    message_id: str = ""
    subject: str = ""
    needs_smtputf8: bool = False
    is_8bit: bool = False
    client: Client = field(default_factory=Client)


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """One recipient that this relay has in hand, with what an attempt needs to know."""

    delivery_id: int
    message_id: int
    queue_id: str
    origin: str
    mail_type: str
    mail_from: str
    recipient: str
    header_message_id: str
    attempt_count: int
    """Attempts made before this one."""
    size_bytes: int
    needs_smtputf8: bool
    is_8bit: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt at one delivery ended."""

    delivery: LeasedDelivery
    name: OutcomeName
    at: datetime
    route: str
    next_hop: str = ""
    reply: str = ""
    reason_code: str = ""
    reason: str = ""
    tls: str = ""
    duration_ms: int = 0
    next_attempt_at: datetime | None = None
    """Set exactly when `name` is deferred."""
    keep_in_mailbox: bool = False
    """The mailbox route: the mail is kept in the transaction that records it as relayed."""


_ACCEPT = """
WITH incoming AS (
    SELECT * FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::int[], %s::timestamptz[], %s::timestamptz[], %s::bool[], %s::bool[],
        %s::inet[], %s::text[], %s::text[], %s::text[], %s::bytea[]
    ) AS t(queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
           size_bytes, accepted_at, expires_at, needs_smtputf8, is_8bit,
           client_ip, client_name, tls, session_id, body)
), message AS (
    INSERT INTO smtp_gateway_message (
        queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
        size_bytes, accepted_at, expires_at, needs_smtputf8, is_8bit,
        client_ip, client_name, tls, session_id)
    SELECT queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
           size_bytes, accepted_at, expires_at, needs_smtputf8, is_8bit,
           client_ip, client_name, tls, session_id
    FROM incoming
    RETURNING id, queue_id, mail_type, accepted_at
), content AS (
    INSERT INTO smtp_gateway_messagecontent (message_id, body)
    SELECT message.id, incoming.body FROM message JOIN incoming USING (queue_id)
)
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason)
SELECT message.id, t.recipient, message.mail_type, 'queued', message.accepted_at, 0, '', ''
FROM message JOIN unnest(%s::text[], %s::text[]) AS t(queue_id, recipient) USING (queue_id)
"""


def accept(submissions: Sequence[Submission]) -> None:
    """Makes submissions durable with all their recipients: all of them or, raising, none."""
    columns = zip(*(_message_row(submission) for submission in submissions), strict=True)
    recipients = [(s.queue_id, recipient) for s in submissions for recipient in s.recipients]
    with connection.cursor() as cursor:
        cursor.execute(
            _ACCEPT,
            [
                *(list(column) for column in columns),
                [queue_id for queue_id, _ in recipients],
                [recipient for _, recipient in recipients],
            ],
        )


def _message_row(s: Submission) -> tuple[object, ...]:
    return (
        s.queue_id, s.origin, s.mail_type, s.sender_address, s.mail_from, s.message_id, s.subject,
        len(s.content), s.accepted_at, s.expires_at, s.needs_smtputf8, s.is_8bit,
        s.client.ip, s.client.name, s.client.tls, s.client.session_id, s.content,
    )  # fmt: skip


_LEASE = """
WITH due AS (
    SELECT id FROM smtp_gateway_delivery
    WHERE state = 'queued' AND lane = %s AND next_attempt_at <= now()
    ORDER BY next_attempt_at
    LIMIT %s
    FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE smtp_gateway_delivery AS delivery SET state = 'leased', leased_by = %s
    FROM due WHERE delivery.id = due.id
    RETURNING delivery.id, delivery.message_id, delivery.recipient, delivery.attempt_count
)
SELECT leased.id, message.id, message.queue_id, message.origin, message.mail_type,
       message.mail_from, leased.recipient, message.message_id, leased.attempt_count,
       message.size_bytes, message.needs_smtputf8, message.is_8bit, message.expires_at
FROM leased JOIN smtp_gateway_message AS message ON message.id = leased.message_id
ORDER BY leased.id
"""


def lease(*, relay_id: int, lane: MailType, limit: int) -> list[LeasedDelivery]:
    """Takes up to `limit` due deliveries of a lane into this relay's hand."""
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, [lane, limit, relay_id])
        return [LeasedDelivery(*row) for row in cursor.fetchall()]


def contents(message_ids: Collection[int]) -> dict[int, bytes]:
    """The bytes of each message, by its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id, body FROM smtp_gateway_messagecontent WHERE message_id = ANY(%s)",
            [list(message_ids)],
        )
        return {message_id: bytes(body) for message_id, body in cursor.fetchall()}


_RECORD = """
WITH outcome AS (
    SELECT * FROM unnest(
        %s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[]
    ) AS t(delivery_id, name, at, route, next_hop, reply,
           reason_code, reason, tls, duration_ms, next_attempt_at)
), updated AS (
    UPDATE smtp_gateway_delivery AS delivery SET
        state = CASE outcome.name WHEN 'deferred' THEN 'queued' ELSE outcome.name END,
        leased_by = NULL,
        attempt_count = delivery.attempt_count + 1,
        next_attempt_at = coalesce(outcome.next_attempt_at, delivery.next_attempt_at),
        finished_at = CASE outcome.name WHEN 'deferred' THEN NULL ELSE outcome.at END,
        reason_code = outcome.reason_code,
        reason = outcome.reason
    FROM outcome
    WHERE delivery.id = outcome.delivery_id AND delivery.leased_by = %s
    RETURNING delivery.id
), attempt AS (
    INSERT INTO smtp_gateway_attempt (
        delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms)
    SELECT delivery_id, name, at, route, next_hop, reply, reason_code, reason, tls, duration_ms
    FROM outcome JOIN updated ON updated.id = outcome.delivery_id
)
SELECT id FROM updated
"""

_CATCH = """
INSERT INTO smtp_gateway_caughtmail (message_id, caught_at, recipients)
SELECT message_id, max(at), string_agg(recipient, E'\\n' ORDER BY recipient)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS t(message_id, at, recipient)
GROUP BY message_id
ON CONFLICT (message_id) DO UPDATE
SET recipients = smtp_gateway_caughtmail.recipients || E'\\n' || excluded.recipients
"""


def record(*, relay_id: int, outcomes: Sequence[Outcome]) -> set[int]:
    """Writes outcomes; returns the delivery ids that were still in this relay's hand.

    An outcome whose lease was freed meanwhile is not written: another relay has the delivery.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        columns = zip(*(_outcome_row(outcome) for outcome in outcomes), strict=True)
        cursor.execute(_RECORD, [*(list(column) for column in columns), relay_id])
        recorded = {delivery_id for (delivery_id,) in cursor.fetchall()}
        caught = [
            (o.delivery.message_id, o.at, o.delivery.recipient)
            for o in outcomes
            if o.keep_in_mailbox and o.delivery.delivery_id in recorded
        ]
        if caught:
            cursor.execute(_CATCH, [list(column) for column in zip(*caught, strict=True)])
    return recorded


def _outcome_row(o: Outcome) -> tuple[object, ...]:
    return (
        o.delivery.delivery_id, o.name, o.at, o.route, o.next_hop, o.reply,
        o.reason_code, o.reason, o.tls, o.duration_ms, o.next_attempt_at,
    )  # fmt: skip


def keep_only(*, relay_id: int, lane: MailType, delivery_ids: Collection[int]) -> None:
    """Gives back what this relay holds of a lane except these: no attempt was begun for the rest.

    Also finds deliveries whose lease was committed while the answer was lost.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE smtp_gateway_delivery SET state = 'queued', leased_by = NULL"
            " WHERE state = 'leased' AND leased_by = %s AND lane = %s AND NOT id = ANY(%s)",
            [relay_id, lane, list(delivery_ids)],
        )


def register_relay(*, host: str, pid: int) -> int:
    """Makes a running relay known; returns its id, the holder of its leases."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO smtp_gateway_relayprocess (host, pid, started_at, heartbeat_at)"
            " VALUES (%s, %s, now(), now()) RETURNING id",
            [host, pid],
        )
        return int(cursor.fetchone()[0])


def heartbeat(*, relay_id: int) -> bool:
    """Says that this relay lives. False: it was taken for dead, and holds nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE smtp_gateway_relayprocess SET heartbeat_at = now() WHERE id = %s", [relay_id]
        )
        return bool(cursor.rowcount == 1)


_FREE = """
WITH dead AS (
    DELETE FROM smtp_gateway_relayprocess
    WHERE heartbeat_at < now() - make_interval(secs => %s) OR id = ANY(%s)
    RETURNING id
), freed AS (
    UPDATE smtp_gateway_delivery SET
        state = 'queued', leased_by = NULL, next_attempt_at = now(),
        reason_code = 'relay-stopped',
        reason = 'The relay stopped during an attempt; the mail is tried again.'
    WHERE state = 'leased'
      AND (leased_by IN (SELECT id FROM dead)
           OR leased_by NOT IN (SELECT id FROM smtp_gateway_relayprocess))
    RETURNING id
)
INSERT INTO smtp_gateway_attempt (
    delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms)
SELECT id, 'uncertain', now(), '', '', '', 'relay-stopped',
       'The relay stopped during this attempt. The next hop may have taken the mail already,'
       ' so the recipient may get it twice.', '', 0
FROM freed
"""


def free_leases_of_dead(*, silent_for: timedelta, gone: Collection[int] = ()) -> int:
    """Re-queues what relays held that died: without a heartbeat for that long, or named in `gone`.

    Each such delivery gets an `uncertain` attempt. Returns how many there were.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [silent_for.total_seconds(), list(gone)])
        return int(cursor.rowcount)


def sign_off(*, relay_id: int) -> None:
    """Forgets a relay that stopped in order, with nothing in its hand."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM smtp_gateway_relayprocess WHERE id = %s", [relay_id])


@dataclass(frozen=True, slots=True)
class RegisteredRelay:
    """A relay that the queue knows of; it may be dead."""

    relay_id: int
    pid: int
    started_at: datetime


def relays_on(host: str) -> list[RegisteredRelay]:
    """The relays registered on `host`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, pid, started_at FROM smtp_gateway_relayprocess WHERE host = %s", [host]
        )
        return [RegisteredRelay(*row) for row in cursor.fetchall()]


def seconds_until_due(*, lane: MailType) -> float | None:
    """How long until the lane's next delivery is due, negative when it is; None: none waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(next_attempt_at) - now())"
            " FROM smtp_gateway_delivery WHERE state = 'queued' AND lane = %s",
            [lane],
        )
        (seconds,) = cursor.fetchone()
        return None if seconds is None else float(seconds)
