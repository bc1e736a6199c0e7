"""The statements on counts and leases. Rows of counts are locked in the order of their ids."""

# $1 holder, $2 address, $3 mail type, $4 subjects, $5 periods, $6 starts, $7 limits: of each
# window, the address's hour first; $8 recipients needed now, $9 wanted in all.
TAKE = """
WITH wanted AS (
    SELECT * FROM unnest($4::text[], $5::text[], $6::timestamptz[], $7::bigint[])
    WITH ORDINALITY AS t(subject, period, starts_at, most, place)
), locked AS (
    SELECT count.id, count.taken, wanted.most, wanted.place
    FROM smtp_gateway_quotacount AS count JOIN wanted USING (subject, period, starts_at)
    ORDER BY count.id FOR UPDATE OF count
), room AS (
    SELECT count(*) AS found, min(most - taken) AS remaining,
           array_agg(taken ORDER BY place) AS taken
    FROM locked
), given AS (
    -- Near the limit little at a time, or one worker would keep what another needs.
    SELECT found, taken, CASE WHEN found < 4 OR remaining < $8 THEN 0
        ELSE greatest($8, least($9, remaining / 8)) END AS number
    FROM room
), counted AS (
    UPDATE smtp_gateway_quotacount AS count SET taken = count.taken + given.number
    FROM given, locked WHERE count.id = locked.id AND given.number > 0
), lease AS (
    INSERT INTO smtp_gateway_quotalease AS held
        (holder, sender_address, mail_type, hour, granted)
    SELECT $1, $2, $3, ($6::timestamptz[])[1], given.number FROM given WHERE given.number > 0
    ON CONFLICT (holder, sender_address, hour)
    DO UPDATE SET granted = held.granted + excluded.granted
    RETURNING id
)
SELECT given.found, given.number, given.taken, (SELECT id FROM lease) FROM given
"""
# $1 subjects, $2 periods, $3 starts
BEGIN_WINDOWS = """
INSERT INTO smtp_gateway_quotacount (subject, period, starts_at, taken)
SELECT subject, period, starts_at, 0
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS t(subject, period, starts_at)
ORDER BY 1, 2, 3 ON CONFLICT (subject, period, starts_at) DO NOTHING
"""
_BACK = """
WITH {chosen}, ended AS (
    DELETE FROM smtp_gateway_quotalease AS lease USING chosen WHERE lease.id = chosen.id
    RETURNING lease.sender_address, lease.mail_type, lease.hour, granted - used AS unused
), back AS (
    SELECT subject, period, starts_at, sum(unused) AS number
    FROM ended, LATERAL (VALUES
        ('address:' || sender_address, 'hour', hour),
        ('address:' || sender_address, 'day', date_trunc('day', hour, 'UTC')),
        ('type:' || mail_type, 'hour', hour),
        ('type:' || mail_type, 'day', date_trunc('day', hour, 'UTC'))
    ) AS t(subject, period, starts_at)
    GROUP BY 1, 2, 3
), locked AS (
    SELECT count.id, back.number
    FROM smtp_gateway_quotacount AS count JOIN back USING (subject, period, starts_at)
    ORDER BY count.id FOR UPDATE OF count
)
UPDATE smtp_gateway_quotacount AS count SET taken = count.taken - locked.number
FROM locked WHERE count.id = locked.id
"""
_NAMED = """chosen AS (
    SELECT id FROM smtp_gateway_quotalease WHERE id = ANY($1::bigint[])
)"""
# A lease that is being used at this moment is left for the next time.
_OF_DEAD = """dead AS (
    DELETE FROM smtp_gateway_quotaholder
    WHERE heartbeat_at < now() - make_interval(secs => $1)
), chosen AS (
    SELECT id FROM smtp_gateway_quotalease AS lease
    WHERE NOT EXISTS (
        SELECT FROM smtp_gateway_quotaholder AS holder
        WHERE holder.id = lease.holder
          AND holder.heartbeat_at >= now() - make_interval(secs => $1))
    ORDER BY id FOR UPDATE SKIP LOCKED
)"""
# $1: ids
GIVE_BACK = _BACK.format(chosen=_NAMED)
# $1: seconds of silence after which a holder is dead
GIVE_BACK_OF_DEAD = _BACK.format(chosen=_OF_DEAD)
SIGN_ON = """
INSERT INTO smtp_gateway_quotaholder (id, heartbeat_at) VALUES ($1, now())
ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()
"""
BEAT = "UPDATE smtp_gateway_quotaholder SET heartbeat_at = now() WHERE id = $1 RETURNING 1"
SIGN_OFF = "DELETE FROM smtp_gateway_quotaholder WHERE id = $1"
