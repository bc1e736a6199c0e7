"""Stacks of bars beside each other, and the table that says the same. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from senders.charts.scale import round_up

HEIGHT = 100
_SLOT = 10.0
# Of a slot: what its stacks take of it, and what is left between two of them.
_FILLED = 0.75
_GAP = 0.5


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of number: `key` names its colour, `label` its words.

    Those of one `stack` stand on each other, from the axis up; the stacks stand side by side.
    """

    key: str
    label: str
    stack: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on the axis: a number for each series. `tick` is what stands below it, if any."""

    label: str
    numbers: Sequence[int]
    tick: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in units of the picture; y grows downwards, as in SVG."""

    key: str
    x: float
    y: float
    width: float
    height: float

    @property
    def path(self) -> str:
        """The attribute `d` of an SVG path."""
        return f"M{self.x:g},{self.y:g}h{self.width:g}v{self.height:g}h-{self.width:g}z"


@dataclass(frozen=True, slots=True)
class Column:
    """A slot as it is drawn; `numbers` are (label of the series, number)."""

    label: str
    tick: str
    numbers: Sequence[tuple[str, int]]
    x: float
    width: float
    bars: Sequence[Bar]

    @property
    def words(self) -> str:
        """All that it shows, a line each: in one piece, since a page has dozens of them."""
        return "\n".join([self.label, *(f"{name}: {number}" for name, number in self.numbers)])


@dataclass(frozen=True, slots=True)
class BarChart:
    """The picture; `top` is the number at the upper edge."""

    width: float
    height: int
    top: int
    series: Sequence[Series]
    columns: Sequence[Column]

    @property
    def middle(self) -> int:
        return self.top // 2


def draw(series: Sequence[Series], slots: Sequence[Slot]) -> BarChart:
    """A chart whose scale ends at a round number. Each slot has as many numbers as `series`."""
    stacks = _stacks(series)
    sums = [sum(slot.numbers[place] for place in stack) for slot in slots for stack in stacks]
    top = round_up(max(sums, default=0))
    columns = [_column(place, slot, series, stacks, top) for place, slot in enumerate(slots)]
    return BarChart(len(slots) * _SLOT, HEIGHT, top, series, columns)


def _stacks(series: Sequence[Series]) -> Sequence[Sequence[int]]:
    """For each stack the places of its series."""
    numbers = sorted({each.stack for each in series})
    return [[at for at, each in enumerate(series) if each.stack == number] for number in numbers]


def _column(
    place: int, slot: Slot, series: Sequence[Series], stacks: Sequence[Sequence[int]], top: int
) -> Column:
    left, width = place * _SLOT, (_SLOT * _FILLED - _GAP * (len(stacks) - 1)) / len(stacks)
    bars = [
        bar
        for beside, stack in enumerate(stacks)
        for bar in _bars(
            left + _SLOT * (1 - _FILLED) / 2 + beside * (width + _GAP),
            width,
            [(series[at].key, slot.numbers[at]) for at in stack],
            top,
        )
    ]
    numbers = [(each.label, number) for each, number in zip(series, slot.numbers, strict=True)]
    return Column(slot.label, slot.tick, numbers, left, _SLOT, bars)


def _bars(x: float, width: float, parts: Sequence[tuple[str, int]], top: int) -> Iterator[Bar]:
    y = float(HEIGHT)
    for key, number in parts:
        height = round(HEIGHT * number / top, 2)
        y -= height
        if number:
            yield Bar(key, round(x, 2), round(y, 2), round(width, 2), height)
