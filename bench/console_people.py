"""Fills the audit log and the list of people as after a year of work."""

from django.db import connection

ENTRIES, PEOPLE = 300_000, 50

_ENTRIES = """
INSERT INTO senders_auditentry (
    at, actor_kind, actor, client_address, action, object_kind, object_key, object_label,
    object_path, before, after)
SELECT now() - (%(entries)s - n) * interval '100 seconds', actor_kind,
       CASE WHEN actor_kind = 'operator' THEN 'op' || n %% %(people)s || '@example.com' ELSE '' END,
       CASE WHEN actor_kind = 'system' THEN '' ELSE '10.0.' || n %% 200 || '.' || n %% 250 END,
       kind || CASE kind WHEN 'sender_address' THEN '.created'
                         WHEN 'operator' THEN '.logged_in' ELSE '.retried' END, kind,
       CASE WHEN kind = 'mail' THEN lpad(upper(to_hex(n)), 16, '0') ELSE (n %% 2000)::text END,
       CASE WHEN n %% 100000 = 77 THEN 'rare' || n || '@rare.example'
            WHEN kind = 'mail' THEN lpad(upper(to_hex(n)), 16, '0')
            ELSE 's' || n %% 2000 || '@d' || n %% 50 || '.test' END,
       CASE WHEN kind = 'mail' THEN '' ELSE '/sender-addresses/' || 1 + n %% 2000 || '/' END,
       CASE WHEN kind = 'mail' THEN '{"state": "deferred"}'::jsonb ELSE '{}'::jsonb END,
       CASE kind WHEN 'mail' THEN '{"state": "queued"}'::jsonb WHEN 'operator' THEN '{}'::jsonb
                 ELSE jsonb_build_object('address', 's' || n, 'mail_type', 'batch',
                                         'reply_to', 'help@d.test', 'created_at', now()) END
FROM (SELECT n, CASE WHEN n %% 9 = 0 THEN 'system' WHEN n %% 50 = 1 THEN 'visitor'
                     ELSE 'operator' END AS actor_kind,
             CASE n %% 4 WHEN 0 THEN 'sender_address' WHEN 1 THEN 'operator'
                         ELSE 'mail' END AS kind
      FROM generate_series(1, %(entries)s::bigint) AS n) AS told
"""
_PEOPLE = """
INSERT INTO directmail_operator (
    password, email, role, is_active, created_at, last_seen_at, language, time_zone)
SELECT '', 'op' || n || '@example.com', CASE WHEN n %% 3 = 0 THEN 'viewer' ELSE 'operator' END,
       n %% 10 > 0, now(), now() - n * interval '1 hour', '', ''
FROM generate_series(0, %(people)s - 1) AS n
"""


def fill_people() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, {"entries": ENTRIES, "people": PEOPLE})
        cursor.execute(_PEOPLE, {"people": PEOPLE})
        cursor.execute("VACUUM (ANALYZE) senders_auditentry, directmail_operator")
