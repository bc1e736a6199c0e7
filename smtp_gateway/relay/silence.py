"""Whether the silence of other relays means that they died. Pure: times are arguments, in seconds
of one steady clock.

While the database is away nobody is heard. Whoever is heard first when it is back would find all
others silent, who live and have in memory what next hops said to them.
"""

_NEVER = float("-inf")


class Silence:
    """Of the others, as a relay may judge it by how it was heard itself."""

    def __init__(self, dead: float, now: float) -> None:
        """`dead`: who is not heard for so long is dead, if all others were."""
        self._dead = dead
        self._heard_at = self._steady_since = now

    def heard(self, now: float) -> None:
        """The database has taken our own heartbeat."""
        # Others' heartbeats are held up as ours was, and may come a little after it.
        if now - self._heard_at > self._dead / 2:
            self._steady_since = now
        self._heard_at = now

    def not_heard(self) -> None:
        """The database was away when we tried."""
        self._heard_at = _NEVER

    def is_telling(self) -> bool:
        """Whether we were heard all the time in which the dead were not."""
        return self._heard_at - self._steady_since >= self._dead
