"""Into the queue: many mails in one statement, so that a commit is shared."""

from collections.abc import Sequence

from smtp_gateway.dsn import NO_RECIPIENT_DSN
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.queue.values import Submission

_ACCEPT = """
WITH message AS (
    INSERT INTO smtp_gateway_message (
        queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
        size_bytes, accepted_at, expires_at, needs_smtputf8, is_8bit,
        client_ip, client_name, tls, session_id, dsn_ret, dsn_envid)
    SELECT * FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::int[], %s::timestamptz[], %s::timestamptz[], %s::bool[], %s::bool[],
        %s::inet[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    {on_conflict}
    RETURNING id, queue_id, mail_type, accepted_at
), content AS (
    INSERT INTO smtp_gateway_messagecontent (message_id, body)
    SELECT message.id, t.body
    FROM message JOIN unnest(%s::text[], %b::bytea[]) AS t(queue_id, body) USING (queue_id)
)
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    dsn_notify, dsn_orcpt)
SELECT message.id, t.recipient, message.mail_type, 'queued',
       -- The clock of who accepts may be ahead of the one by which relays find what is due.
       least(message.accepted_at, now()), 0, '', '', t.dsn_notify, t.dsn_orcpt
FROM message JOIN unnest(%s::text[], %s::text[], %s::text[], %s::text[])
    AS t(queue_id, recipient, dsn_notify, dsn_orcpt) USING (queue_id)
"""


_ACCEPT_ONCE = _ACCEPT.format(on_conflict="")
_ACCEPT_AGAIN = _ACCEPT.format(on_conflict="ON CONFLICT (queue_id) DO NOTHING")


def accept(submissions: Sequence[Submission], *, again: bool = False) -> None:
    """Makes submissions durable with all their recipients: all of them or, raising, none.

    `again`: a call before was cut off, and may have done it already.
    """
    columns = zip(*(_message_row(submission) for submission in submissions), strict=True)
    recipients = [row for submission in submissions for row in _recipient_rows(submission)]
    with binding_cursor() as cursor:
        cursor.execute(
            _ACCEPT_AGAIN if again else _ACCEPT_ONCE,
            [
                *(list(column) for column in columns),
                [s.queue_id for s in submissions],
                [s.content for s in submissions],
                *([row[column] for row in recipients] for column in range(4)),
            ],
        )


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
