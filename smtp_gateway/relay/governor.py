"""How hard a destination is worked: its connections, its pace, and when it is left alone.

It adapts by itself under the operator's cap: one connection more for each round of mails that it
takes, half as many when it says that it is too much (AIMD, as TCP does it), and a pause where it
takes nothing at all. Pure: times are arguments, in seconds of one steady clock.
"""

from dataclasses import dataclass

_FIRST_WINDOW = 5.0
_HALVING_PAUSE_SECONDS = 1.0
_FIRST_HOLD_SECONDS, _LONGEST_HOLD_SECONDS = 5.0, 300.0
# So often in a row, with no mail taken in between, and we leave it alone for a while.
_TROUBLES_UNTIL_HOLD = 3


@dataclass(frozen=True, slots=True)
class Caps:
    """What the operator allows this relay at one destination; `interval`: seconds between mails."""

    connections: int
    interval: float = 0.0


class Governor:
    """One destination's state."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._window = min(_FIRST_WINDOW, float(max(1, caps.connections)))
        self._halved_at = self._next_slot = float("-inf")
        self._held_until = float("-inf")
        self._troubles = self._holds = 0
        self.trouble = ""
        """The sentence of the last trouble; empty: the last mail was taken."""

    @property
    def connections(self) -> int:
        """How many may be in use now."""
        return min(self._caps.connections, int(self._window))

    def set_caps(self, caps: Caps) -> None:
        """The share of this relay has changed, or the operator's mind."""
        self._caps = caps
        self._window = min(max(1.0, self._window), float(max(1, caps.connections)))

    def answered(self) -> None:
        """It talks to us; whether it has room for more, it did not say."""
        self._troubles = self._holds = 0
        self.trouble = ""

    def succeeded(self) -> None:
        """The destination took a mail, or refused it for reasons of its own."""
        self.answered()
        grown = self._window + 1.0 / self._window
        self._window = min(grown, float(max(1, self._caps.connections)))

    def troubled(self, now: float, *, why: str, retry_after: float | None = None) -> None:
        """It had no room, no time or no connection for us; `retry_after`: as long as it asked for.

        What fails together counts once.
        """
        self.trouble = why
        if retry_after is not None:
            self._hold(now, retry_after)
        if now - self._halved_at < _HALVING_PAUSE_SECONDS:
            return
        self._halved_at = now
        self._window = max(1.0, self._window / 2)
        self._troubles += 1
        if self._troubles >= _TROUBLES_UNTIL_HOLD:
            self._hold(now, _FIRST_HOLD_SECONDS * 2**self._holds)
            self._holds = min(self._holds + 1, 10)

    def held_for(self, now: float) -> float:
        """Seconds until it may be tried again; 0: now."""
        return max(0.0, self._held_until - now)

    def release(self) -> None:
        """Somebody wants it tried now."""
        self._held_until = float("-inf")

    def slot(self, now: float) -> float:
        """Takes the next place in the pace; returns in how many seconds it comes."""
        if not self._caps.interval:
            return 0.0
        slot = max(now, self._next_slot)
        self._next_slot = slot + self._caps.interval
        return slot - now

    def has_slot(self, now: float) -> bool:
        """Whether `slot` would let a mail go at once."""
        return self._next_slot <= now

    def _hold(self, now: float, seconds: float) -> None:
        until = now + min(seconds, _LONGEST_HOLD_SECONDS)
        self._held_until = max(self._held_until, until)
        self._window = 1.0
