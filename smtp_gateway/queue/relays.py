"""The relays that are known, their heartbeats, and the leases of those that died."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtp_gateway.queue.binding import binding_cursor


@dataclass(frozen=True, slots=True)
class RegisteredRelay:
    """A relay that the queue knows of; it may be dead."""

    relay_id: int
    pid: int
    started_at: datetime


def register_relay(*, host: str, pid: int) -> int:
    """Makes a running relay known; returns its id, the holder of its leases."""
    with binding_cursor() as cursor:
        cursor.execute(
            "INSERT INTO smtp_gateway_relayprocess (host, pid, started_at, heartbeat_at)"
            " VALUES (%s, %s, now(), now()) RETURNING id",
            [host, pid],
        )
        ((relay_id,),) = cursor.fetchall()
        return int(relay_id)


def heartbeat(*, relay_id: int) -> bool:
    """Says that this relay lives. False: it was taken for dead, and holds nothing any more."""
    with binding_cursor() as cursor:
        cursor.execute(
            "UPDATE smtp_gateway_relayprocess SET heartbeat_at = now() WHERE id = %s", [relay_id]
        )
        return cursor.rowcount == 1


MOST_CRASHES = 3
"""A delivery that was in hand when a relay died so often is set aside."""

# Those of which it is the second time are tried one after the other, so that the one to blame
# meets the third alone.
_APART_SECONDS, _LONGEST_APART_SECONDS = 5, 60

_FREE = """
WITH dead AS (
    DELETE FROM smtp_gateway_relayprocess
    WHERE id = ANY(%(gone)s)
       -- Not before now: a statement that waited for the database would find all others silent.
       OR heartbeat_at < make_interval(secs => -%(silent)s::float8) + coalesce((
           SELECT heartbeat_at FROM smtp_gateway_relayprocess WHERE id = %(judge)s::bigint), now())
    RETURNING id
), held AS MATERIALIZED (
    SELECT id, leased_by, crash_count,
           NOT leased_by = ANY(%(known)s) OR id = ANY(%(begun)s) AS is_begun
    FROM smtp_gateway_delivery
    WHERE state = 'leased'
      AND (leased_by IN (SELECT id FROM dead)
           OR leased_by NOT IN (SELECT id FROM smtp_gateway_relayprocess))
    FOR UPDATE
), counted AS (
    -- Where nothing had begun, any of them may be what the relay died of.
    SELECT id, is_begun, crash_count
           + (is_begun OR NOT bool_or(is_begun) OVER (PARTITION BY leased_by))::int AS crashes
    FROM held
), placed AS (
    SELECT id, is_begun, crashes, row_number() OVER suspects AS place,
           least(%(apart)s, %(longest)s::float8 / count(*) OVER (PARTITION BY crashes)) AS apart
    FROM counted
    WINDOW suspects AS (PARTITION BY crashes ORDER BY random())
), freed AS (
    UPDATE smtp_gateway_delivery AS delivery SET
        state = CASE WHEN crashes >= %(most)s THEN 'held' ELSE 'queued' END,
        leased_by = NULL,
        crash_count = crashes,
        next_attempt_at = CASE
            WHEN crashes = %(most)s - 1 THEN now() + make_interval(secs => place * apart)
            WHEN is_begun THEN now()
            ELSE next_attempt_at END,
        reason_code = CASE WHEN crashes >= %(most)s THEN 'set-aside'
            WHEN is_begun THEN 'relay-stopped' ELSE reason_code END,
        reason = CASE WHEN crashes >= %(most)s THEN %(set_aside)s
            WHEN is_begun THEN %(stopped)s ELSE reason END
    FROM placed WHERE placed.id = delivery.id
    RETURNING delivery.id, delivery.state, is_begun
), attempt AS (
    INSERT INTO smtp_gateway_attempt (
        delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms)
    SELECT id, outcome, now(), '', '', '', code, told, '', 0
    FROM freed CROSS JOIN LATERAL (VALUES
        (1, is_begun, 'uncertain', 'relay-stopped', %(uncertain)s),
        (2, state = 'held', 'set-aside', 'set-aside', %(set_aside)s)
    ) AS event(place, has_happened, outcome, code, told)
    WHERE has_happened ORDER BY id, place
)
SELECT count(*) FROM freed
"""
_SENTENCES = {
    "stopped": "The relay stopped during an attempt; the mail is tried again.",
    "uncertain": "The relay stopped during this attempt. The next hop may have taken the mail "
    "already, so the recipient may get it twice.",
    "set_aside": f"The relay stopped {MOST_CRASHES} times with this mail in hand, so it is not "
    "tried again by itself. It can be released here in the mail log.",
}
NOBODY_KNOWS: Mapping[int, Collection[int]] = {}


def free_leases_of_dead(
    *,
    silent_for: timedelta | None = None,
    judge: int | None = None,
    gone: Collection[int] = (),
    begun: Mapping[int, Collection[int]] = NOBODY_KNOWS,
) -> int:
    """Re-queues what relays held that died: without a heartbeat for that long before the last of
    `judge`, which is itself a relay (None: before now), or named in `gone`.

    `begun`: by relay what it had begun to attempt, as far as that is known; of a relay that is not
    in it, everything. Each such delivery gets an `uncertain` attempt and counts a crash, and at
    MOST_CRASHES it is set aside. Returns how many were freed.
    """
    values = {
        "silent": None if silent_for is None else silent_for.total_seconds(), "judge": judge,
        "gone": list(gone), "known": list(begun),
        "begun": [delivery_id for ids in begun.values() for delivery_id in ids],
        "most": MOST_CRASHES, "apart": _APART_SECONDS, "longest": _LONGEST_APART_SECONDS,
        **_SENTENCES,
    }  # fmt: skip
    with binding_cursor() as cursor:
        cursor.execute(_FREE, values)
        ((freed,),) = cursor.fetchall()
        return int(freed)


def sign_off(*, relay_id: int) -> None:
    """Forgets a relay that stopped in order, with nothing in its hand."""
    with binding_cursor() as cursor:
        cursor.execute("DELETE FROM smtp_gateway_relayprocess WHERE id = %s", [relay_id])


def relays_on(host: str) -> list[RegisteredRelay]:
    """The relays registered on `host`."""
    with binding_cursor() as cursor:
        cursor.execute(
            "SELECT id, pid, started_at FROM smtp_gateway_relayprocess WHERE host = %s", [host]
        )
        return [RegisteredRelay(*row) for row in cursor.fetchall()]


def known_relays() -> set[int]:
    """The ids of all that are registered, dead or alive."""
    with binding_cursor() as cursor:
        cursor.execute("SELECT id FROM smtp_gateway_relayprocess")
        return {relay_id for (relay_id,) in cursor.fetchall()}
