"""Puts two mails that have much to tell beside the others, and gives contents to a few of these."""

from django.db import connection

from smtp_gateway.relay_transcripts.notes import Dialogue, Opening
from smtp_gateway.relay_transcripts.packing import pack

Values = dict[str, str | int | bytes]

RECIPIENTS, TRIES = 100, 30
WITH_CONTENTS = range(20_000, 24_000)
"""Numbers of mails; even ones are kept in the local mailbox, nearly all others were relayed."""
MANY, LONG = "0MANYRECIPIENTS0", "00LONGESTLIFE000"
"""Queue IDs: of the mail with so many recipients, and of the one that was tried so often."""

_MESSAGES = """
INSERT INTO smtp_gateway_message (
    queue_id, origin, mail_type, sender_address, mail_from, message_id, subject, size_bytes,
    accepted_at, expires_at, needs_smtputf8, is_8bit, client_name, tls, session_id)
SELECT queue_id, 'smtp', 'batch', 's0@d0.test', 's0@d0.test', '<' || queue_id || '@bench.test>',
       'Your order', 2000, now() - interval '1 day', now() + interval '1 day', false, false, '',
       'TLSv1.3 TLS_AES_256_GCM_SHA384', lpad(to_hex(20), 16, '0')
FROM unnest(ARRAY[%(many)s, %(long)s]) AS queue_id
"""
# Each state has its words, and a third of the recipients its report.
_DELIVERIES = """
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    sender_key, finished_at)
SELECT id, 'recipient' || n || '@r' || n || '.example', 'batch', state,
       now() + interval '1 hour', 1, CASE WHEN state = 'relayed' THEN '' ELSE 'mailbox-full' END,
       CASE WHEN state = 'relayed' THEN '' ELSE 'The mailbox is full.' END, 1,
       CASE WHEN state <> 'queued' THEN now() END
FROM smtp_gateway_message,
     LATERAL (SELECT n, (ARRAY['queued', 'relayed', 'bounced', 'relayed'])[1 + n %% 4] AS state
              FROM generate_series(1, CASE WHEN queue_id = %(many)s THEN %(recipients)s
                                           ELSE 1 END) AS n) AS t
WHERE queue_id IN (%(many)s, %(long)s)
"""
_ATTEMPTS = """
INSERT INTO smtp_gateway_attempt (
    delivery_id, at, outcome, route, next_hop, reply, reason_code, reason, category, fault, tls,
    tls_result, duration_ms)
SELECT d.id, now() - (%(tries)s - n) * interval '10 minutes',
       CASE WHEN d.state = 'queued' OR n < %(tries)s THEN 'deferred' ELSE d.state END, 'Direct',
       'mx.example.net:25', '452 4.2.2 The mailbox is full', 'mailbox-full',
       'The mailbox is full: 452 4.2.2 The mailbox is full', 'mailbox-full', 'recipient',
       'TLSv1.3 TLS_AES_256_GCM_SHA384', 'verified', 120
FROM smtp_gateway_message AS m JOIN smtp_gateway_delivery AS d ON d.message_id = m.id,
     LATERAL generate_series(CASE WHEN m.queue_id = %(long)s THEN 1
                                  ELSE %(tries)s END, %(tries)s) AS n
WHERE m.queue_id IN (%(many)s, %(long)s)
"""
_REPORTS = """
INSERT INTO smtp_gateway_deliveryreport (delivery_id, kind, due_at, made_at, queue_id)
SELECT d.id, 'delayed', now(), now(), ''
FROM smtp_gateway_message AS m JOIN smtp_gateway_delivery AS d ON d.message_id = m.id
WHERE m.queue_id IN (%(many)s, %(long)s) AND d.id %% 3 = 0
"""
_CONTENTS = """
INSERT INTO smtp_gateway_messagecontent (message_id, body)
SELECT id, %(content)s FROM smtp_gateway_message
WHERE queue_id IN (%(many)s, %(long)s) OR queue_id BETWEEN %(first)s AND %(last)s
"""
_TRANSCRIPT = """
WITH said AS (INSERT INTO smtp_gateway_relaytranscript (at, packed)
              VALUES (now(), %s) RETURNING id)
UPDATE smtp_gateway_attempt SET transcript_id = said.id FROM said WHERE delivery_id = %s
"""
_TRIED_OFTEN = """
SELECT d.id FROM smtp_gateway_delivery AS d JOIN smtp_gateway_message AS m ON m.id = d.message_id
WHERE m.queue_id = %s
"""
_RECEIVED = "Received: from app{n}.example.com by mx.d0.test; Thu, 26 Nov 2026 08:00:00 +0000\r\n"
_CONTENT = (
    "".join(_RECEIVED.format(n=n) for n in range(4))
    + "DKIM-Signature: v=1; a=rsa-sha256; d=d0.test; s=s0;\r\n b="
    + "A" * 344
    + "\r\nFrom: Shop <s0@d0.test>\r\nTo: Friend <friend@example.net>\r\n"
    "Reply-To: help@d0.test\r\nSubject: Your order\r\nMessage-ID: <order@d0.test>\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + "Thank you for your order, see https://example.com/orders/1.\r\n" * 60
    + "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    + "<p>Thank you for <b>your order</b>.</p>\r\n" * 200
    + "--b--\r\n"
)


_SAID = (
    "220 mx.example.net ESMTP", "EHLO mail.d0.test", "250-mx.example.net\r\n250-SIZE 52428800\r\n"
    "250-8BITMIME\r\n250-STARTTLS\r\n250 PIPELINING", "STARTTLS", "220 2.0.0 Ready",
    "EHLO mail.d0.test", "250-mx.example.net\r\n250-SIZE 52428800\r\n250 PIPELINING",
)  # fmt: skip
_TOLD = (
    "MAIL FROM:<s0@d0.test> SIZE=2000", "RCPT TO:<recipient1@r1.example>", "250 2.1.0 Ok",
    "452 4.2.2 The mailbox is full",
)  # fmt: skip


def fill_mails() -> None:
    values: Values = {"many": MANY, "long": LONG, "recipients": RECIPIENTS, "tries": TRIES}
    first, last = (f"{n:016X}" for n in (WITH_CONTENTS[0], WITH_CONTENTS[-1]))
    content: Values = {"content": _CONTENT.encode(), "first": first, "last": last}
    with connection.cursor() as cursor:
        for statement in (_MESSAGES, _DELIVERIES, _ATTEMPTS, _REPORTS):
            cursor.execute(statement, values)
        cursor.execute(_CONTENTS, {**values, **content})
        cursor.execute(_TRIED_OFTEN, [LONG])
        ((delivery,),) = cursor.fetchall()
        cursor.execute(_TRANSCRIPT, [_transcript(delivery), delivery])


def _transcript(delivery: int) -> bytes:
    opening = Opening([(n / 100, words) for n, words in enumerate(_SAID)])
    told = [(1 + n / 100, words) for n, words in enumerate(_TOLD)]
    packed = pack([(delivery, Dialogue(opening, 1, 1, told))], relay="relay1")
    assert packed
    return packed
