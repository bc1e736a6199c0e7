"""Fills a private PostgreSQL with what an installation has after a million mails."""

from django.db import connection
from django.utils.module_loading import import_string

from bench.queue_tables import BUILT_LATER

_COUNTING_SECONDS = 3600.0
SENDERS, DOMAINS, ROUTES = 2000, 50, 20

# One of three relayed, one of two kept here, a backlog in the middle of the history, and the rest.
_MESSAGES = """
INSERT INTO smtp_gateway_message (
    queue_id, origin, mail_type, sender_address, mail_from, message_id, subject, size_bytes,
    accepted_at, expires_at, needs_smtputf8, is_8bit, client_name, tls, session_id)
SELECT lpad(upper(to_hex(n)), 16, '0'), CASE WHEN n %% 97 = 0 THEN 'system' ELSE 'smtp' END,
       CASE WHEN n %% 3 = 0 THEN 'batch' ELSE 'trigger' END, sender, sender,
       '<' || md5(n::text) || '@bench.test>',
       CASE WHEN n %% 100000 = 7 THEN 'A rare subject ' ELSE 'Your order ' END || n, 2000,
       now() - (%(mails)s - n) * interval '0.6 seconds',
       now() + interval '1 day', false, false, '', '', ''
FROM generate_series(1, %(mails)s::bigint) AS n,
     LATERAL (SELECT 's' || s || '@d' || s %% %(domains)s || '.test'
              -- A tenth of the senders sends nine of ten mails.
              FROM (SELECT CASE WHEN n %% 10 < 9 THEN n %% (%(senders)s / 10)
                                ELSE n / 10 %% %(senders)s END AS s) AS chosen) AS t(sender)
"""
_DELIVERIES = """
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    sender_key, leased_by, finished_at)
SELECT id, 'r' || id %% 200000 || '@' ||
           CASE WHEN id %% 200000 = 17 THEN 'rare' ELSE 'r' || id %% 100 END || '.example',
       mail_type, state, accepted_at + interval '1 minute', (state <> 'queued')::int,
       CASE WHEN is_kept THEN 'no-smarthost' WHEN state IN ('bounced', 'deferred')
            THEN 'mailbox-full' ELSE '' END,
       CASE WHEN state = 'bounced' THEN 'The mailbox is full.' ELSE '' END,
       hashtext(sender_address), CASE WHEN state = 'leased' THEN 1 END,
       CASE WHEN state NOT IN ('queued', 'leased', 'held') THEN accepted_at END
FROM (SELECT *, n %% 2 = 0 AND state = 'relayed' AS is_kept FROM (
    SELECT *, CASE
        WHEN n BETWEEN %(mails)s * 3 / 10 AND %(mails)s * 3 / 10 + %(mails)s / 50 THEN 'queued'
        WHEN n > %(mails)s - 200 THEN 'leased'
        WHEN n %% 20 = 1 THEN 'bounced' WHEN n %% 200 = 3 THEN 'expired'
        WHEN n %% 300 = 5 THEN 'cancelled' WHEN n %% 10000 = 9 THEN 'held'
        WHEN n < %(mails)s / 100 THEN 'bounced' ELSE 'relayed' END AS state
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM smtp_gateway_message) AS numbered
) AS placed) AS told ORDER BY id
"""
_DEFERRED = """
UPDATE smtp_gateway_delivery SET attempt_count = 1, reason_code = 'greylisted',
    reason = 'The next hop asks to come back later.', next_attempt_at = now() + interval '1 hour'
WHERE state = 'queued' AND id % 4 = 0
"""
_ATTEMPTS = """
INSERT INTO smtp_gateway_attempt (
    delivery_id, at, outcome, route, next_hop, reply, reason_code, reason, tls, duration_ms)
SELECT id, finished_at, state, 'smarthost', 'mx.example.net:25', '250 2.0.0 Ok', reason_code,
       reason, '', 12
FROM smtp_gateway_delivery WHERE state IN ('relayed', 'bounced')
"""
_CAUGHT = """
INSERT INTO smtp_gateway_caughtmail (message_id, caught_at, recipients)
SELECT message_id, finished_at, recipient FROM smtp_gateway_delivery
WHERE reason_code = 'no-smarthost'
"""
_SENDERS = """
INSERT INTO senders_senderaddress (
    address, mail_type, reply_to_address, smtp_last_used_at, created_at, suspended_at)
SELECT 's' || s || '@d' || s %% %(domains)s || '.test',
       CASE WHEN s %% 3 = 0 THEN 'batch' ELSE 'trigger' END, 'help' || s || '@d.test',
       CASE WHEN s %% 5 > 0 THEN now() - s * interval '7 minutes' END,
       now() - s * interval '1 hour', CASE WHEN s %% 40 = 0 THEN now() END
FROM generate_series(0, %(senders)s - 1) AS s
"""
_KEYS = """
INSERT INTO senders_dkimkey (
    domain, selector, algorithm, sealed_private_key, public_key, created_at, activated_at)
SELECT 'd' || d || '.test', 's' || d, 'rsa-sha256', 'unsealable', repeat('A', 392), now(), now()
FROM generate_series(1, %(domains)s) AS d
"""
_SESSIONS = """
INSERT INTO smtp_gateway_smtpsession (
    session_id, sender_address, user_name, is_logged_in, client_ip, client_name, tls, began_at,
    ended_at, seen_at, mail_count, refusal_count, outcome, reply, went_well, lines)
SELECT lpad(to_hex(n), 16, '0'), 's' || n / 20 || '@d' || n / 20 %% %(domains)s || '.test', '',
       true, ('10.0.' || n %% 200 || '.' || n %% 250)::inet, 'app' || n %% 30, 'TLSv1.3',
       now() - (%(senders)s * 20 - n) * interval '10 seconds', now(), now(), (n %% 2)::int,
       (1 - n %% 2)::int, CASE WHEN n %% 2 = 1 THEN 'sent' ELSE 'log-in-refused' END,
       '', n %% 2 = 1,
       (SELECT jsonb_agg(jsonb_build_array(l, 'C', repeat('x', 60)))
        FROM generate_series(1, 20) AS l)
FROM generate_series(0, %(senders)s * 20 - 1) AS n
"""
_REFUSED = """
INSERT INTO smtp_gateway_refusedmail (
    at, sender_address, mail_from, recipients, recipient_count, code, reply, client_ip, session_id)
SELECT now() - (20000 - n) * interval '1 minute', sender, sender, 'r' || n || '@r.example', 1,
       'from-not-sender', '550 5.7.1 From header must be the address', '10.0.0.1', ''
FROM generate_series(1, 20000) AS n,
     LATERAL (SELECT 's' || n %% %(senders)s || '@d' || n %% %(domains)s || '.test') AS t(sender)
"""
_ACTIONS = """
INSERT INTO smtp_gateway_mailaction (at, operator, action, selection, delivery_count)
SELECT now() - (20000 - n) * interval '5 minutes', 'op' || n %% 7 || '@example.com',
       CASE WHEN n %% 5 = 0 THEN 'cancel' ELSE 'retry' END, 'All mail found by “x' || n || '”', 5
FROM generate_series(1, 20000) AS n
"""
_ROUTES = """
INSERT INTO smtp_gateway_route (
    name, kind, is_enabled, position, mail_type, sender_domains, recipient_domains, host, port,
    security, verify_tls, "user", sealed_password, max_connections, mails_per_connection,
    changed_at)
SELECT 'Route ' || n, 'smarthost', true, n, '', 'd' || n || '.test', '', 'smtp' || n || '.test',
       587, 'required', true, '', '', 10, 100, now()
FROM generate_series(1, %(routes)s) AS n
"""


def fill_console(mails: int) -> None:
    """Indexes are built after the rows, which is quicker and leaves them as good."""
    values = {"mails": mails, "senders": SENDERS, "domains": DOMAINS, "routes": ROUTES}
    with connection.cursor() as cursor:
        cursor.execute(BUILT_LATER)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(_MESSAGES, values)
        cursor.execute(_DELIVERIES, values)
        cursor.execute(_DEFERRED)
        cursor.execute(_ATTEMPTS)
        cursor.execute(_CAUGHT)
        for _, definition in indexes:
            cursor.execute(definition)
        for statement in (_SENDERS, _KEYS, _SESSIONS, _REFUSED, _ACTIONS, _ROUTES):
            cursor.execute(statement, values)
        cursor.execute("VACUUM (ANALYZE)")


def count_console() -> None:
    """What the worker does beside: counts, and the look at a long queue."""
    # By name: this file is read before there are settings.
    import_string("smtp_gateway.rollups.rolling.catch_up")(seconds=_COUNTING_SECONDS)
    import_string("smtp_gateway.queue_survey.store_if_long")()
