"""The relays that are known, their heartbeats, and the leases of those that died."""

from collections.abc import Collection
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


_FREE = """
WITH dead AS (
    DELETE FROM smtp_gateway_relayprocess
    WHERE heartbeat_at < now() - make_interval(secs => %s) OR id = ANY(%s)
    RETURNING id
), freed AS (
    UPDATE smtp_gateway_delivery SET
        state = 'queued', leased_by = NULL, next_attempt_at = now(),
        reason_code = 'relay-stopped',
        reason = 'The relay stopped during an attempt; the mail is tried again.'
    WHERE state = 'leased'
      AND (leased_by IN (SELECT id FROM dead)
           OR leased_by NOT IN (SELECT id FROM smtp_gateway_relayprocess))
    RETURNING id
)
INSERT INTO smtp_gateway_attempt (
    delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms)
SELECT id, 'uncertain', now(), '', '', '', 'relay-stopped',
       'The relay stopped during this attempt. The next hop may have taken the mail already,'
       ' so the recipient may get it twice.', '', 0
FROM freed
"""


def free_leases_of_dead(*, silent_for: timedelta, gone: Collection[int] = ()) -> int:
    """Re-queues what relays held that died: without a heartbeat for that long, or named in `gone`.

    Each such delivery gets an `uncertain` attempt. Returns how many there were.
    """
    with binding_cursor() as cursor:
        cursor.execute(_FREE, [silent_for.total_seconds(), list(gone)])
        return cursor.rowcount


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
