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
# Transactions that are older than every one under way have ended: what they wrote is seen. So
# asking next time for all that is no older than that misses nothing, however late one commits.
# What was brought from another database may bear numbers of the future: they change nothing.
CHANGES = """
WITH seen AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS until,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS future
), changed AS MATERIALIZED (
    SELECT key, ended_at IS NULL AS holds FROM senders_suppression
    WHERE changed_in >= $1 AND changed_in < (SELECT future FROM seen) LIMIT $2
)
SELECT until, (SELECT array_agg(DISTINCT key) FROM changed WHERE holds),
       (SELECT array_agg(DISTINCT key) FROM changed WHERE NOT EXISTS (
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
EVERYTHING = 2**62
"""As `since` of CHANGES: nothing is as new."""
LEAST_KEY = -(2**63)
