"""A bound on the bytes of mail that lie in memory at a time, and who may have how many of them.

Pure but for the futures of those who ask; times are seconds of one steady clock.
"""

import asyncio
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

from smtp_gateway.relay.drain import Drain

# Of all bytes: what one owner may have, and what is left for those who have nothing yet.
_PART = 4
# So many parts has an owner who gave something back lately that was lent for no longer than that.
_QUICK_PARTS, _QUICK_SECONDS = 2, 10.0
# One that finds no room is overtaken for so long, and then holds up others for so long.
_OVERTAKEN_SECONDS, _GATHERING_SECONDS = 1.0, 1.0
_LONGEST_IN_HAND_SECONDS = 10.0


@dataclass(eq=False, slots=True)
class _Owner:
    drain: Drain
    """Of what waits for it."""
    held: int = 0
    """Bytes, without those of its large loan."""
    has_large: bool = False
    quick_until: float = float("-inf")
    asks: "dict[Ask, None]" = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Ask:
    """Bytes that somebody wants; when it is `settled` they are lent, or it was given up."""

    owner: Hashable
    size: int
    is_large: bool
    """More than an owner's part."""
    since: float
    lent_at: float = 0.0
    is_lent: bool = False
    settled: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


@dataclass(frozen=True, slots=True)
class Overdue:
    """An ask that will not be granted soon, and when it had better be made again."""

    ask: Ask
    seconds: float
    is_others_doing: bool
    """They have all bytes, and its owner none of that kind."""


class ByteBudget:
    """Lends bytes in the order of asking, as far as nobody gets too many of them.

    An owner has a quarter of them, or half while it is quick, and one loan that is larger than a
    quarter. The last quarter is for those who have none of a kind. What is larger than all bytes
    goes alone.
    """

    def __init__(self, total_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = self._free = total_bytes
        self._part = total_bytes // _PART
        self._clock = clock
        self._owners: dict[Hashable, _Owner] = {}
        self._asks: dict[Ask, None] = {}

    def ask(self, owner: Hashable, size_bytes: int) -> Ask:
        """Whatever becomes of it, `give_back` takes it."""
        now, size = self._clock(), min(size_bytes, self._total)
        ask = Ask(owner, size, size > self._part, now)
        known = self._owners.setdefault(owner, _Owner(Drain(now)))
        if not known.asks:
            known.drain.begin(now)
        self._asks[ask] = known.asks[ask] = None
        self.grant()
        return ask

    def asked_by(self, owner: Hashable) -> list[Ask]:
        """What waits for that owner, in order."""
        return list(self._owners[owner].asks) if owner in self._owners else []

    def give_up(self, ask: Ask) -> None:
        """It is not to be granted any more."""
        if ask in self._asks:
            self._settle(ask)

    def give_back(self, ask: Ask) -> None:
        """Its bytes are free again, or not wanted any more."""
        self.give_up(ask)
        if ask.is_lent:
            ask.is_lent, now = False, self._clock()
            self._lend(ask, -ask.size)
            if now - ask.lent_at <= _QUICK_SECONDS:
                self._owners[ask.owner].quick_until = now + _QUICK_SECONDS
        self.grant()

    def grant(self) -> None:
        """Grants what there is room for; to be called also as time passes."""
        now = self._clock()
        for ask in list(self._asks):
            owner = self._owners[ask.owner]
            if self._has_room(ask, owner, now):
                ask.is_lent, ask.lent_at = True, now
                self._lend(ask, ask.size)
                owner.drain.finish_one()
                self._settle(ask)
            elif _is_first(ask, owner) and _is_gathering(now - ask.since):
                return

    def overdue(self, held_back_until: float) -> Iterator[Overdue]:
        """What will not be granted soon as it went lately: of each owner the last.

        Until `held_back_until` nothing could leave, for reasons that are not the owners'.
        """
        now = self._clock()
        for name, owner in list(self._owners.items()):
            owner.drain.leave_out(held_back_until)
            soon = owner.drain.within(_LONGEST_IN_HAND_SECONDS, len(owner.asks), now)
            for place, ask in enumerate(list(owner.asks)):
                if place >= soon or now - ask.since > 2 * _LONGEST_IN_HAND_SECONDS:
                    seconds = owner.drain.turn(1, waiting=max(1, soon), now=now)
                    yield Overdue(ask, seconds, is_others_doing=_is_first(ask, owner))
            is_idle = not (owner.asks or owner.held or owner.has_large)
            if is_idle and owner.drain.is_forgettable(now):
                del self._owners[name]

    def _has_room(self, ask: Ask, owner: _Owner, now: float) -> bool:
        if _is_first(ask, owner):
            return ask.size <= self._free
        if ask.is_large:
            return False
        most = self._part * (_QUICK_PARTS if now < owner.quick_until else 1)
        return owner.held + ask.size <= most and ask.size + self._part <= self._free

    def _lend(self, ask: Ask, size: int) -> None:
        owner = self._owners[ask.owner]
        self._free -= size
        if ask.is_large:
            owner.has_large = size > 0
        else:
            owner.held += size

    def _settle(self, ask: Ask) -> None:
        del self._asks[ask], self._owners[ask.owner].asks[ask]
        # Who asked may have been cancelled in this moment.
        if not ask.settled.done():
            ask.settled.set_result(None)


def _is_first(ask: Ask, owner: _Owner) -> bool:
    return not (owner.has_large if ask.is_large else owner.held)


def _is_gathering(age: float) -> bool:
    return _OVERTAKEN_SECONDS <= age < _OVERTAKEN_SECONDS + _GATHERING_SECONDS
