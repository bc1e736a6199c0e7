"""How long what waits for a destination will take, judged by how fast it has gone lately. Pure."""

from collections.abc import Iterator

_PATIENCE_SECONDS = 2.0
_MEMORY_SECONDS = 10.0
_TURNS_SECONDS, _LONGEST_TURN_SECONDS = 30.0, 300.0


class Drain:
    """Counts what left since mail began to wait; times are seconds of one steady clock."""

    def __init__(self, now: float) -> None:
        self._since, self._left = now, 0.0
        self._last_turn = now
        """When the last of what was given back will have its turn."""

    def begin(self, now: float) -> None:
        """Something waits again, after nothing did."""
        self._since, self._left = now, 0.0

    def leave_out(self, until: float) -> None:
        """Nothing could leave until then, for reasons that are not the destination's."""
        if until > self._since:
            self.begin(until)

    def finish_one(self) -> None:
        """A mail has left."""
        self._left += 1

    def seconds(self, waiting: int, now: float) -> float:
        """For so many mails; 0 where it is too early to tell."""
        elapsed = now - self._since
        if elapsed < _PATIENCE_SECONDS:
            return 0.0
        estimate = waiting * elapsed / max(self._left, 0.5)
        if elapsed > _MEMORY_SECONDS:
            # What was long ago counts half as much each time.
            self._since, self._left = now - elapsed / 2, self._left / 2
        return estimate

    def within(self, seconds: float, waiting: int, now: float) -> int:
        """How many of so many will have left by then; all where it is too early to tell."""
        estimate = self.seconds(waiting, now)
        return waiting if estimate <= seconds else int(waiting * seconds / estimate)

    def is_forgettable(self, now: float) -> bool:
        """Whether all that was given a turn had it."""
        return self._last_turn <= now

    def turn(self, number: int, *, waiting: int, now: float) -> float:
        """Seconds until the turn of so many mails more, behind those that had one before.

        So what is given back does not come back together, only to be given back again.
        """
        estimate = self.seconds(waiting, now)
        begins = max(self._last_turn, now + estimate)
        self._last_turn = begins + number * estimate / max(waiting, 1)
        return begins - now

    def turns(self, number: int, *, waiting: int, now: float) -> Iterator[tuple[int, float]]:
        """The same in parts of as many mails as leave in half a minute, each with its turn.

        What has its turn in more than five minutes comes back after five, in one part.
        """
        each = max(1, self.within(_TURNS_SECONDS, number, now))
        while number > 0:
            part = min(each, number)
            seconds = self.turn(part, waiting=max(1, waiting), now=now)
            if seconds >= _LONGEST_TURN_SECONDS:
                part, seconds = number, _LONGEST_TURN_SECONDS
            yield part, seconds
            number -= part
