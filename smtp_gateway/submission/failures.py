"""How many log-ins failed lately, by IP and by user name, in the memory of one process.

A sliding window: each failure counts for a set time from its own moment. Pure: times are arguments,
in seconds of a clock that moves on.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

# A failure costs its sender a password verification, so these fill slowly.
_MAX_SUBJECTS = 20_000
_MAX_TIMES = 10_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """A log-in that is about to be decided."""

    user: str
    """The user name in its stored form."""
    place: str
    """Where it comes from: an IPv4 address, or the /64 of an IPv6 one."""
    is_place_limited: bool = True

    @property
    def subjects(self) -> Sequence[str]:
        """Whom a failure counts against: the user name, the same at this place, the place."""
        mine = (f"user:{self.user}", f"pair:{self.user}:{self.place}")
        return (*mine, f"ip:{self.place}") if self.is_place_limited else mine

    @property
    def home(self) -> str:
        """The name of the mark that this user name has logged in rightly from this place."""
        return f"home:{self.user}:{self.place}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an attempt before its password is looked at: failures within the window."""

    of_user: int = 0
    of_pair: int = 0
    of_place: int = 0
    is_at_home: bool = False

    def __add__(self, other: "Standing") -> "Standing":
        return Standing(
            self.of_user + other.of_user,
            self.of_pair + other.of_pair,
            self.of_place + other.of_place,
            self.is_at_home or other.is_at_home,
        )

    @property
    def against_user(self) -> int:
        """Failures elsewhere don't lock a user name out where it is at home.

        Else a stranger could stop the mail of any application by guessing at its password.
        """
        return self.of_pair if self.is_at_home else self.of_user


def standing_of(counts: Sequence[int], *, is_at_home: bool) -> Standing:
    """From the failures of each of an attempt's subjects."""
    of_user, of_pair, *of_place = counts
    return Standing(of_user, of_pair, sum(of_place), is_at_home)


class FailureMemory:
    """Counts in this process alone; forgets the oldest subjects where there are too many."""

    def __init__(self, *, home_seconds: float) -> None:
        self._home_seconds = home_seconds
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._homes: OrderedDict[str, float] = OrderedDict()

    def standing(self, attempt: Attempt, now: float, window: float) -> Standing:
        if not self._failures and not self._homes:
            return Standing()
        counts = [self._count(subject, now - window) for subject in attempt.subjects]
        return standing_of(counts, is_at_home=self._homes.get(attempt.home, now) > now)

    def note_failure(self, attempt: Attempt, now: float, window: float) -> Standing:
        """How things stand after it."""
        for subject in attempt.subjects:
            self._failures.setdefault(subject, deque(maxlen=_MAX_TIMES)).append(now)
            self._failures.move_to_end(subject)
        while len(self._failures) > _MAX_SUBJECTS:
            self._failures.popitem(last=False)
        return self.standing(attempt, now, window)

    def note_success(self, attempt: Attempt, now: float) -> None:
        self._homes[attempt.home] = now + self._home_seconds
        self._homes.move_to_end(attempt.home)
        if len(self._homes) > _MAX_SUBJECTS:
            self._homes.popitem(last=False)

    def _count(self, subject: str, since: float) -> int:
        times = self._failures.get(subject)
        if times is None:
            return 0
        while times and times[0] <= since:
            times.popleft()
        if not times:
            del self._failures[subject]
        return len(times)
