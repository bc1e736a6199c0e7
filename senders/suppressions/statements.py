"""What gateways and relays ask of suppressions on their event loops, as asyncpg wants it."""

# A page of the numbers of all that hold, in order, and the last of them.
KEYS = """
SELECT coalesce(string_agg(int8send(key), ''::bytea ORDER BY key), ''),
       CASE WHEN count(*) = $2 THEN max(key) END
FROM (
    SELECT DISTINCT key FROM senders_suppression WHERE ended_at IS NULL AND key >= $1
    ORDER BY key LIMIT $2
) AS page
"""
# What was written by transactions whose work an earlier look could not see: those that were under
# way then, and those that began later. So nothing is missed, however late one commits, and nothing
# is told twice, however long one takes. Of as many as LIMIT only the count is of use; and nothing
# is looked for again for what holds, which after a long import, before its first ANALYZE, takes
# as long as the statement may.
# What was brought from another database may bear numbers of the future: they change nothing.
CHANGES = """
WITH seen AS MATERIALIZED (
    SELECT pg_current_snapshot() AS now, $1::text::pg_snapshot AS earlier
), changed AS MATERIALIZED (
    SELECT key, ended_at IS NULL AS holds FROM senders_suppression
    WHERE changed_in = ANY(ARRAY(
        SELECT number::text::bigint FROM seen, pg_snapshot_xip(earlier) AS number))
    UNION ALL
    SELECT key, ended_at IS NULL FROM senders_suppression
    WHERE changed_in >= (SELECT pg_snapshot_xmax(earlier)::text::bigint FROM seen)
      AND changed_in < (SELECT pg_snapshot_xmax(now)::text::bigint FROM seen)
    LIMIT $2
)
SELECT now::text, coalesce(pg_snapshot_xmax(now) < pg_snapshot_xmax(earlier), false),
       (SELECT count(*) FROM changed),
       (SELECT array_agg(DISTINCT key) FROM changed WHERE holds),
       (SELECT array_agg(DISTINCT key) FROM changed
        WHERE NOT holds AND (SELECT count(*) FROM changed) < $2 AND NOT EXISTS (
            SELECT FROM senders_suppression AS other
            WHERE other.key = changed.key AND other.ended_at IS NULL))
FROM seen
"""
FIND = """
SELECT sender_address, mail_type, target, reason, category, evidence, created_at, expires_at
FROM senders_suppression
WHERE key = ANY($1::bigint[]) AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > now())
ORDER BY created_at, id
"""
LEAST_KEY = -(2**63)
