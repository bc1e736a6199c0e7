"""When mail of each sender may leave: slots, one after the other, over all relays.

Batch mail waits in a lane of its own, which no lease looks at. Whoever gives out slots takes the
oldest few of each sender that is due, moves them to the lane from which they are leased, each with
its time, and notes where the next one goes on: virtual scheduling, as in GCRA. What waits behind
costs nothing, however much it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smtp_gateway.identity import MailType
from smtp_gateway.paces import PACED, OwnPace, Paces, TypePace
from smtp_gateway.queue.binding import binding_cursor

WAITING_LANE = "paced"
"""Where batch mail waits until it has its slot."""
AHEAD_SECONDS = 4.0
"""So far ahead slots are given: a brake, or a new pace, takes effect within this time."""
# Once less than this lies before it, a sender gets new ones.
_REFILL_SECONDS = 2.0
_LATE_SECONDS = 2.0
_MOST_SENDERS = 256
# Of one sender in one step: a statement that takes long would hold up what is leased.
_MOST_EACH = 1000
_ABOVE_EVERY_KEY = 2**31

# From the highest key down: a sender's newest mail is met first that way, while before its oldest
# stands what has left (decision 18).
_SENDERS = """
WITH RECURSIVE sender(key, number) AS (
    SELECT (
        SELECT sender_key FROM smtp_gateway_delivery
        WHERE state = 'queued' AND lane = 'paced' AND sender_key < %(behind)s
        ORDER BY sender_key DESC, next_attempt_at DESC LIMIT 1
    ), 1
    UNION ALL
    SELECT (
        SELECT sender_key FROM smtp_gateway_delivery
        WHERE state = 'queued' AND lane = 'paced' AND sender_key < sender.key
        ORDER BY sender_key DESC, next_attempt_at DESC LIMIT 1
    ), number + 1
    FROM sender WHERE key IS NOT NULL AND number < %(most)s
)
SELECT key FROM sender WHERE key IS NOT NULL
"""
_MAKE_KNOWN = """
INSERT INTO smtp_gateway_senderpace (sender_key, mail_type, next_slot_at)
SELECT key, 'batch', now() FROM unnest(%s::int[]) AS sender(key)
WHERE NOT EXISTS (SELECT FROM smtp_gateway_senderpace WHERE sender_key = key)
ON CONFLICT DO NOTHING
"""
# Another relay that is just giving slots to a sender is not waited for: it does the same.
_GIVE = """
WITH held AS MATERIALIZED (
    SELECT pace.sender_key, pace.mail_type, pace.next_slot_at, pace.behind_at,
        CASE WHEN per_minute > 0 THEN 60.0 / per_minute
             WHEN per_minute IS NULL THEN coalesce(type.seconds_each, 0)
        END::float8 AS seconds_each,
        type.opens_at, type.closes_at
    FROM unnest(%(keys)s::int[]) AS sender(key)
    JOIN smtp_gateway_senderpace AS pace ON pace.sender_key = sender.key
    JOIN unnest(%(types)s::text[], %(seconds)s::float8[], %(opens)s::timestamptz[],
                %(closes)s::timestamptz[]) AS type(name, seconds_each, opens_at, closes_at)
         ON type.name = pace.mail_type
    WHERE pace.next_slot_at < now() + make_interval(secs => %(refill)s)
       OR (pace.per_minute IS NULL AND type.seconds_each IS NULL)
    FOR UPDATE OF pace SKIP LOCKED
), due AS (
    -- Whose pace was taken away does not wait for the slot that came of it.
    SELECT *, greatest(CASE WHEN seconds_each > 0 THEN next_slot_at END, opens_at, now()) AS begins,
        least(now() + make_interval(secs => %(ahead)s), closes_at) AS ends,
        CASE WHEN seconds_each = 0 THEN (
            SELECT true FROM smtp_gateway_delivery WHERE state = 'queued'
              AND (lane, sender_key, next_attempt_at)
                  >= ('paced', held.sender_key, coalesce(behind_at, '-infinity'))
              AND (lane, sender_key, next_attempt_at) <= ('paced', held.sender_key, now())
            ORDER BY lane, sender_key, next_attempt_at LIMIT 1) END AS is_unpaced
    FROM held WHERE seconds_each IS NOT NULL
), allowed AS MATERIALIZED (
    SELECT *, CASE WHEN begins >= ends THEN 0
        -- Divided among those that have something, however many they are.
        WHEN seconds_each = 0 THEN ceil(%(unpaced)s::float8
            / greatest(1, count(*) FILTER (WHERE is_unpaced) OVER ()))
        -- What has its slot and is not leased would leave together with what gets one now.
        WHEN (SELECT true FROM smtp_gateway_delivery WHERE state = 'queued'
              AND (lane, sender_key, next_attempt_at)
                  >= (due.mail_type, due.sender_key, now() - interval '1 minute')
              AND (lane, sender_key, next_attempt_at)
                  <= (due.mail_type, due.sender_key, now() - make_interval(secs => %(late)s))
              ORDER BY lane, sender_key, next_attempt_at LIMIT 1) THEN 0
        ELSE least(%(most)s, ceil(extract(epoch FROM ends - begins) / seconds_each)) END::int
        AS number
    FROM due
), taken AS MATERIALIZED (
    SELECT allowed.*, own.id, own.was_at
    FROM allowed CROSS JOIN LATERAL (
        SELECT id, next_attempt_at AS was_at FROM smtp_gateway_delivery
        WHERE state = 'queued'
          AND (lane, sender_key, next_attempt_at)
              >= ('paced', allowed.sender_key, coalesce(behind_at, '-infinity'))
          AND (lane, sender_key, next_attempt_at) <= ('paced', allowed.sender_key, now())
        ORDER BY lane, sender_key, next_attempt_at
        LIMIT allowed.number
        FOR UPDATE SKIP LOCKED
    ) AS own
), placed AS (
    SELECT id, mail_type, seconds_each, begins + make_interval(secs => seconds_each *
        (row_number() OVER (PARTITION BY sender_key ORDER BY was_at, id) - 1)) AS slot_at
    FROM taken
), given AS (
    UPDATE smtp_gateway_delivery AS delivery SET
        lane = mail_type, next_attempt_at = slot_at,
        -- The reason of a former attempt stays to be read, but a lane whose mail comes in without
        -- a slot needs to tell the two apart.
        reason_code = CASE WHEN seconds_each = 0 THEN delivery.reason_code
            WHEN attempt_count > 0 AND mail_type = 'batch' THEN delivery.reason_code
            ELSE %(reason_code)s END,
        reason = CASE WHEN attempt_count > 0 THEN delivery.reason ELSE '' END
    FROM placed WHERE delivery.id = placed.id
    RETURNING delivery.id
), counted AS (
    SELECT allowed.sender_key, begins, seconds_each, number, count(taken.id) AS count,
           max(was_at) AS last_at
    FROM allowed LEFT JOIN taken USING (sender_key, begins, seconds_each, number)
    GROUP BY 1, 2, 3, 4
), moved AS (
    UPDATE smtp_gateway_senderpace AS pace SET
        next_slot_at = CASE WHEN count = 0 THEN pace.next_slot_at
            ELSE begins + make_interval(secs => seconds_each * count) END,
        -- A second before: mail that was committed late is found too.
        behind_at = CASE WHEN count = number THEN last_at - interval '1 second' END
    FROM counted WHERE counted.sender_key = pace.sender_key AND number > 0
    RETURNING 1
)
SELECT (SELECT count(*) FROM given), (SELECT count(*) FROM moved)
"""
_SET_OWN = """
INSERT INTO smtp_gateway_senderpace AS known (sender_key, mail_type, per_minute, next_slot_at)
SELECT hashtext(address), mail_type, per_minute, now()
FROM unnest(%s::text[], %s::text[], %s::int[]) AS t(address, mail_type, per_minute)
ON CONFLICT (sender_key) DO UPDATE SET
    mail_type = excluded.mail_type, per_minute = excluded.per_minute,
    -- What was given to a slow pace is not waited for by a fast one.
    next_slot_at = CASE WHEN excluded.per_minute > 0 THEN least(known.next_slot_at,
        now() + make_interval(secs => 60.0 / excluded.per_minute)) ELSE known.next_slot_at END
WHERE (known.mail_type, known.per_minute) IS DISTINCT FROM
      (excluded.mail_type, excluded.per_minute)
"""
_PARK = """
WITH parked AS (
    UPDATE smtp_gateway_delivery SET state = 'queued', leased_by = NULL, lane = 'paced'
    WHERE state = 'leased' AND leased_by = %s AND id = ANY(%s)
    RETURNING sender_key
)
INSERT INTO smtp_gateway_senderpace (sender_key, mail_type, next_slot_at)
SELECT DISTINCT sender_key, %s, now() FROM parked
-- They are older than what has its slot, maybe.
ON CONFLICT (sender_key) DO UPDATE SET behind_at = NULL
"""


@dataclass(frozen=True, slots=True)
class Given:
    """What a step came to."""

    number: int
    """Deliveries that have their slots now."""
    behind: int | None
    """Where the next step goes on; None: it begins with the first sender again."""
    is_any_waiting: bool
    """Whether there was mail that waits for its slot."""


def give_slots(paces: Paces, *, unpaced: int, behind: int | None = None) -> Given:
    """Gives slots to mail of up to some hundred senders, for the next AHEAD_SECONDS.

    `unpaced`: how many are let through of all senders without a pace, a few of each.
    """
    start = _ABOVE_EVERY_KEY if behind is None else behind
    with binding_cursor() as cursor:
        cursor.execute(_SENDERS, {"behind": start, "most": _MOST_SENDERS}, binary=True)
        keys = [key for (key,) in cursor.fetchall()]
        if not keys:
            return Given(0, None, is_any_waiting=behind is not None)
        cursor.execute(_MAKE_KNOWN, [keys])
        cursor.execute(_GIVE, {**_values(paces), "keys": keys, "unpaced": unpaced}, binary=True)
        ((number, _),) = cursor.fetchall()
    return Given(number, keys[-1] if len(keys) >= _MOST_SENDERS else None, is_any_waiting=True)


def set_own_paces(own: Mapping[str, OwnPace], former: Mapping[str, OwnPace]) -> None:
    """Has these sender addresses keep paces of their own, and of the `former` ones the others as
    the policy says again.
    """
    changed = {address: each for address, each in own.items() if former.get(address) != each}
    ended = {address: each for address, each in former.items() if address not in own}
    if not changed and not ended:
        return
    types = [each.mail_type for each in (*changed.values(), *ended.values())]
    numbers = [*(each.per_minute for each in changed.values()), *(None for _ in ended)]
    with binding_cursor() as cursor:
        cursor.execute(_SET_OWN, [[*changed, *ended], types, numbers])


def park(*, relay_id: int, lane: MailType, delivery_ids: Collection[int]) -> None:
    """Puts what this relay holds of a lane, and what has no slot, where mail waits for one."""
    with binding_cursor() as cursor:
        cursor.execute(_PARK, [relay_id, list(delivery_ids), lane])


def _values(paces: Paces) -> dict[str, Any]:
    types = ["trigger", "batch"]
    of_types = [paces.of_type(mail_type) for mail_type in types]
    return {
        "types": types,
        "seconds": [_seconds_each(each) for each in of_types],
        "opens": [_or_ever(each.opens_at, "-") for each in of_types],
        "closes": [_or_ever(each.closes_at, "") for each in of_types],
        "refill": _REFILL_SECONDS,
        "ahead": AHEAD_SECONDS,
        "most": _MOST_EACH,
        "late": _LATE_SECONDS,
        "reason_code": PACED,
    }


def _seconds_each(pace: TypePace) -> float | None:
    return 60.0 / pace.per_minute if pace.per_minute else None


def _or_ever(at: datetime | None, sign: str) -> str:
    return at.isoformat() if at else f"{sign}infinity"
