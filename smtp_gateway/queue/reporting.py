"""Reports that are due: taken, marked as made, put off; the SQL beneath `smtp_gateway.reports`.

What is taken is taken in the caller's transaction: it ends with the reports marked, or nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from smtp_gateway.dsn import MailDsn
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.queue.report_values import LastAttempt, Notice, ReportedMail

# The gateway takes no larger header block.
_HEAD_BYTES = 260 * 1024

# Whoever holds the message reports all that is due of it, so that one mail tells all. Other
# reporters go on with other messages.
_TAKE = """
SELECT message.id
FROM smtp_gateway_deliveryreport AS report
JOIN smtp_gateway_delivery AS delivery ON delivery.id = report.delivery_id
JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
WHERE report.made_at IS NULL AND report.due_at <= now()
ORDER BY report.due_at
LIMIT %s
FOR NO KEY UPDATE OF message SKIP LOCKED
"""
_MAILS = """
SELECT message.id, queue_id, sender_address, mail_from, message.message_id, subject,
       accepted_at, expires_at, needs_smtputf8, dsn_ret, dsn_envid,
       coalesce(CASE WHEN is_whole THEN body ELSE substr(body, 1, %s) END, ''::bytea),
       coalesce(is_whole, false)
FROM smtp_gateway_message AS message
LEFT JOIN LATERAL (
    SELECT body, message.dsn_ret = 'FULL' AND length(body) <= %s AS is_whole
    FROM smtp_gateway_messagecontent WHERE message_id = message.id
) AS content ON true
WHERE message.id = ANY(%s)
ORDER BY message.id
"""
_NOTICES = """
SELECT delivery.message_id, report.id, report.kind, delivery.recipient, delivery.dsn_orcpt,
       delivery.finished_at IS NOT NULL, delivery.reason_code, delivery.reason,
       attempt.at, CASE WHEN attempt.next_hop = 'local mailbox' THEN '' ELSE attempt.next_hop END,
       attempt.reply, attempt.category, attempt.fault
FROM smtp_gateway_delivery AS delivery
JOIN smtp_gateway_deliveryreport AS report ON report.delivery_id = delivery.id
LEFT JOIN LATERAL (
    SELECT * FROM smtp_gateway_attempt
    WHERE delivery_id = delivery.id
      AND outcome IN ('relayed', 'deferred', 'bounced', 'expired', 'uncertain', 'returned')
    ORDER BY id DESC LIMIT 1
) AS attempt ON true
WHERE delivery.message_id = ANY(%s) AND report.made_at IS NULL AND report.due_at <= now()
ORDER BY report.id
"""
_MARK = """
UPDATE smtp_gateway_deliveryreport SET made_at = now(), queue_id = %s, is_kept_here = %s
WHERE id = ANY(%s)
"""
_PUT_OFF = """
UPDATE smtp_gateway_deliveryreport SET due_at = now() + make_interval(secs => %s)
WHERE id = ANY(%s)
"""
_KEEP = """
WITH kept AS (
    UPDATE smtp_gateway_delivery AS delivery SET
        state = 'relayed', finished_at = now(), attempt_count = 1,
        reason_code = %s, reason = %s
    FROM smtp_gateway_message AS message
    WHERE message.queue_id = %s AND delivery.message_id = message.id
      AND delivery.state = 'queued'
    RETURNING delivery.id, delivery.message_id, recipient, delivery.reason_code, delivery.reason
), attempt AS (
    INSERT INTO smtp_gateway_attempt (
        delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms)
    SELECT id, 'relayed', now(), 'mailbox', 'local mailbox', '', reason_code, reason, '', 0
    FROM kept
)
INSERT INTO smtp_gateway_caughtmail (message_id, caught_at, recipients)
SELECT message_id, now(), string_agg(recipient, E'\\n' ORDER BY recipient)
FROM kept GROUP BY message_id
"""


def take_reported_mails(*, limit: int, full_bytes: int) -> list[ReportedMail]:
    """Mails with reports that are due, up to `limit` reports of them looked at.

    They are the caller's until its transaction ends. A mail whose sender wants all of it back
    (RET=FULL) comes whole up to `full_bytes`.
    """
    with binding_cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        taken = list({message_id for (message_id,) in cursor.fetchall()})
        # A statement of its own: it sees what others reported before they let go of a message.
        cursor.execute(_NOTICES, [taken])
        notices = cursor.fetchall()
        ids = list({row[0] for row in notices})
        cursor.execute(_MAILS, [_HEAD_BYTES, full_bytes, ids], binary=True)
        mails = [_mail(row) for row in cursor.fetchall()]
    return [
        replace(mail, notices=[_notice(row) for row in notices if row[0] == mail.message_id])
        for mail in mails
    ]


def mark_reported(*, report_ids: Collection[int], queue_id: str, is_kept_here: bool) -> None:
    """Notes that the mail `queue_id` tells these; empty: there was nothing to tell any more."""
    with binding_cursor() as cursor:
        cursor.execute(_MARK, [queue_id, is_kept_here, list(report_ids)])


def put_off_reports(*, report_ids: Collection[int], for_: timedelta) -> None:
    """Has them tried again later, behind those that can be made."""
    with binding_cursor() as cursor:
        cursor.execute(_PUT_OFF, [for_.total_seconds(), list(report_ids)])


def keep_here(queue_id: str, *, reason_code: str, reason: str) -> None:
    """Puts a mail, accepted in this transaction, into the local mailbox without any relay."""
    with binding_cursor() as cursor:
        cursor.execute(_KEEP, [reason_code, reason, queue_id])


def _mail(row: Sequence[Any]) -> ReportedMail:
    *fields, ret, envid, content, is_whole = row
    return ReportedMail(*[*fields, MailDsn(ret, envid), content, is_whole])


def _notice(row: Sequence[Any]) -> Notice:
    _, *fields, at, next_hop, reply, category, fault = row
    last = LastAttempt(at, next_hop, reply, category, fault) if at else LastAttempt()
    return Notice(*[*fields, last])
