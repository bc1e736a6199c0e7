"""A row of numbers as one small line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 100, 24
# The line has a width of its own, which must not be cut off at the edges.
_MARGIN = 2


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The attribute `points` of an SVG polyline, and of the polygon below it."""

    line: str
    area: str
    width: int = WIDTH
    height: int = HEIGHT


def draw(numbers: Sequence[int]) -> Sparkline:
    """The line of `numbers`, none of them negative; without any, or with zeros, it is flat."""
    numbers = numbers or [0]
    if len(numbers) == 1:
        numbers = [numbers[0], numbers[0]]
    top = max(numbers) or 1
    line = " ".join(
        f"{round(WIDTH * place / (len(numbers) - 1), 2):g},{_y(number, top):g}"
        for place, number in enumerate(numbers)
    )
    return Sparkline(line, f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}")


def _y(number: int, top: int) -> float:
    return round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * number / top, 2)
