"""The picture of the last 24 hours: numbers to rectangles, without words and colours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smtp_gateway.statistics import Counts, Hour

HEIGHT = 100
_SLOT = 10
_BAR = 3.5
_GAP = 1.25
# From the axis up.
_OUTCOMES = ("relayed", "kept", "deferred", "bounced", "cancelled")


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in units of the picture; y grows downwards, as in SVG."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Accepted beside its outcomes, hour by hour; `top` is the number at the upper edge."""

    width: int
    height: int
    top: int
    bars: Sequence[Bar]

    @property
    def middle(self) -> int:
        return self.top // 2


def draw(hours: Sequence[Hour]) -> Chart:
    """A chart whose scale ends at a round number."""
    tallest = max((max(h.counts.accepted, _outcomes(h.counts)) for h in hours), default=0)
    top = round_up(tallest)
    bars = [bar for slot, hour in enumerate(hours) for bar in _bars(slot, hour.counts, top)]
    return Chart(len(hours) * _SLOT, HEIGHT, top, bars)


def round_up(number: int) -> int:
    """The next of 4, 10, 20, 40, 100, ...: halves of it are whole numbers."""
    top = 4
    while top < number:
        top = top * 5 // 2 if str(top).startswith("4") else top * 2
    return top


def _outcomes(counts: Counts) -> int:
    return sum(getattr(counts, kind) for kind in _OUTCOMES)


def _bars(slot: int, counts: Counts, top: int) -> Iterator[Bar]:
    left = slot * _SLOT + _GAP
    yield from _stack(left, [("accepted", counts.accepted)], top)
    outcomes = [(kind, getattr(counts, kind)) for kind in _OUTCOMES]
    yield from _stack(left + _BAR + 0.5, outcomes, top)


def _stack(x: float, parts: Sequence[tuple[str, int]], top: int) -> Iterator[Bar]:
    y = float(HEIGHT)
    for kind, number in parts:
        height = round(HEIGHT * number / top, 2)
        y -= height
        if number:
            yield Bar(kind, x, round(y, 2), _BAR, height)
