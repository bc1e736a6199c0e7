"""Which relays share the work."""

from datetime import timedelta

from smtp_gateway.queue.binding import binding_cursor


def relays_alive(*, silent_for: timedelta) -> list[int]:
    """The ids of all relays with a heartbeat younger than that, in order."""
    with binding_cursor() as cursor:
        cursor.execute(
            "SELECT id FROM smtp_gateway_relayprocess"
            " WHERE heartbeat_at >= now() - make_interval(secs => %s) ORDER BY id",
            [silent_for.total_seconds()],
        )
        return [relay_id for (relay_id,) in cursor.fetchall()]
