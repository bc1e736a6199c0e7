"""What a relay remembers of a lane between two leases: where to look, and for whom.

Pure: times of the database are seconds since 1970, times of this process seconds of any clock.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

FRONT = -math.inf
"""Before everything: the oldest there is."""

# A look at everything may take so large a part of the time, however long each one takes.
_PART_OF_TIME = 20
# Mail that is committed late, or was accepted by a slower clock, is found behind the floor too.
_SLACK_SECONDS = 1.0


@dataclass(slots=True)
class _Allowance:
    """Lets something happen as often as its own duration allows."""

    next_at: float = FRONT

    def spent(self, began: float, ended: float) -> None:
        self.next_at = ended + _PART_OF_TIME * (ended - began)


class Outlook:
    """One relay's view of one lane.

    Rows that have left the queue stay in its indexes until the oldest snapshot of the database is
    gone, and whoever looks for the oldest mail passes all of them. So most leases begin at the
    `floor`, up to which this relay found everything leased, and only now and then at the front.

    While leases come back full there is a backlog, and the senders that a survey found share it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._floor = FRONT
        self._front, self._survey = _Allowance(), _Allowance()
        self._has_backlog = False
        self._senders: deque[int] = deque()
        self._unserved = 0
        self.behind: int | None = None
        """The next survey finds senders below this key; None: it begins with the highest."""

    def floor(self) -> float:
        """The oldest time that the next lease needs to look at."""
        return FRONT if self.clock() >= self._front.next_at else self._floor - _SLACK_SECONDS

    @property
    def wants_survey(self) -> bool:
        """Whether it is time to find out who shares the backlog: all that were found had a turn."""
        return self._has_backlog and not self._unserved and self.clock() >= self._survey.next_at

    def surveyed(self, began: float, found: Sequence[tuple[int, bool]], *, most: int) -> None:
        """`found`: up to `most` keys from high to low, and whether that sender has due mail."""
        due = [key for key, is_due in found if is_due]
        is_whole = self.behind is None and len(found) < most
        self._senders = deque(() if is_whole and len(due) <= 1 else due)
        self._unserved = len(self._senders)
        self.behind = found[-1][0] if len(found) >= most else None
        self._survey.spent(began, self.clock())

    def turn(self, most: int) -> list[int]:
        """The senders whose turn it is; none where the backlog is one sender's."""
        number = min(most, len(self._senders))
        self._senders.rotate(-number)
        self._unserved = max(0, self._unserved - number)
        return [self._senders[-place] for place in range(number, 0, -1)]

    def leased(self, began: float, floor: float, oldest: Iterable[float], *, is_full: bool) -> None:
        """A lease that looked from `floor` on took these times in order of their age."""
        self._floor = max(oldest, default=self._floor)
        self._has_backlog = is_full
        if not is_full:
            self._senders.clear()
            self._unserved = 0
        if floor == FRONT:
            self._front.spent(began, self.clock())
