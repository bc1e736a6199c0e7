"""Into the queue: many mails in one statement, so that a commit is shared."""

import re
from collections.abc import Sequence

from smtp_gateway.dsn import NO_RECIPIENT_DSN
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.queue.values import Submission

_ACCEPT = """
WITH message AS (
    INSERT INTO smtp_gateway_message (
        queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
        size_bytes, accepted_at, expires_at, needs_smtputf8, is_8bit,
        client_ip, client_name, tls, session_id, dsn_ret, dsn_envid)
    SELECT t.queue_id, t.origin, t.mail_type, t.sender_address, t.mail_from, t.message_id,
        t.subject,
        t.size_bytes, t.accepted_at, t.expires_at, t.needs_smtputf8, t.is_8bit,
        t.client_ip::inet, t.client_name, t.tls, t.session_id, t.dsn_ret, t.dsn_envid
    FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::int[], $9::timestamptz[], $10::timestamptz[], $11::bool[], $12::bool[],
        $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[])
    AS t(queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
        size_bytes, accepted_at, expires_at, needs_smtputf8, is_8bit,
        client_ip, client_name, tls, session_id, dsn_ret, dsn_envid)
    {on_conflict}
    RETURNING id, queue_id, mail_type, accepted_at, sender_address
), content AS (
    INSERT INTO smtp_gateway_messagecontent (message_id, body)
    SELECT message.id, t.body
    FROM message JOIN unnest($19::text[], $20::bytea[]) AS t(queue_id, body) USING (queue_id)
), spent AS (
    SELECT t.lease_id AS id, sum(t.recipients) AS recipients
    FROM message JOIN unnest($21::text[], $22::bigint[], $23::int[])
        AS t(queue_id, lease_id, recipients) USING (queue_id)
    GROUP BY 1
), written AS (
    UPDATE smtp_gateway_quotalease AS lease SET used = lease.used + spent.recipients
    FROM spent WHERE lease.id = spent.id RETURNING lease.id
)
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    dsn_notify, dsn_orcpt, sender_key)
SELECT message.id, t.recipient,
       -- Whoever lost a lease accepts nothing: the column takes no NULL, and all is undone.
       CASE WHEN (SELECT count(*) FROM spent) = (SELECT count(*) FROM written)
           -- Batch mail waits for its slot: see `pacing`.
           THEN CASE message.mail_type WHEN 'batch' THEN 'paced' ELSE message.mail_type END
       END, 'queued',
       -- The clock of who accepts may be ahead of the one by which relays find what is due.
       least(message.accepted_at, now()), 0, '', '', t.dsn_notify, t.dsn_orcpt,
       hashtext(message.sender_address)
FROM message JOIN unnest($24::text[], $25::text[], $26::text[], $27::text[])
    AS t(queue_id, recipient, dsn_notify, dsn_orcpt) USING (queue_id)
"""


# By whether a call before was cut off, and may have done it already.
_STATEMENTS = {
    False: _ACCEPT.format(on_conflict=""),
    True: _ACCEPT.format(on_conflict="ON CONFLICT (queue_id) DO NOTHING"),
}
_BODIES = "$20"


def accept(submissions: Sequence[Submission]) -> None:
    """Makes submissions durable with all their recipients: all of them or, raising, none."""
    placeholders = re.sub(
        r"[$]\d+", lambda found: "%b" if found[0] == _BODIES else "%s", _STATEMENTS[False]
    )
    with binding_cursor() as cursor:
        cursor.execute(placeholders, _columns(submissions))


async def accept_on(
    database: LoopDatabase, submissions: Sequence[Submission], *, again: bool
) -> None:
    """Like `accept`, beside other sessions. `again`: a call before may have done it already."""
    await database.execute(_STATEMENTS[again], *_columns(submissions))


def _columns(submissions: Sequence[Submission]) -> list[Sequence[object]]:
    messages = zip(*[_message_row(submission) for submission in submissions], strict=True)
    recipients = [row for submission in submissions for row in _recipient_rows(submission)]
    return [
        *map(list, messages),
        [s.queue_id for s in submissions],
        [s.content for s in submissions],
        *_spent(submissions),
        *([row[column] for row in recipients] for column in range(4)),
    ]


def _spent(submissions: Sequence[Submission]) -> list[list[object]]:
    leased = [submission for submission in submissions if submission.quota_lease]
    return [
        [submission.queue_id for submission in leased],
        [submission.quota_lease for submission in leased],
        [len(submission.recipients) for submission in leased],
    ]


def _message_row(s: Submission) -> tuple[object, ...]:
    return (
        s.queue_id, s.origin, s.mail_type, s.sender_address, s.mail_from, s.message_id, s.subject,
        len(s.content), s.accepted_at, s.expires_at, s.needs_smtputf8, s.is_8bit,
        s.client.ip, s.client.name, s.client.tls, s.client.session_id,
        s.dsn.ret, s.dsn.envid,
    )  # fmt: skip


def _recipient_rows(s: Submission) -> list[tuple[str, str, str, str]]:
    if not s.recipient_dsn:
        return [(s.queue_id, recipient, "", "") for recipient in s.recipients]
    asked = [s.recipient_dsn.get(recipient, NO_RECIPIENT_DSN) for recipient in s.recipients]
    return [
        (s.queue_id, recipient, dsn.notify, dsn.orcpt)
        for recipient, dsn in zip(s.recipients, asked, strict=True)
    ]
