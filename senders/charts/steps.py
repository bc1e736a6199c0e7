"""A value that jumps now and then, as a line of steps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 300, 60
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class Steps:
    """The attribute `d` of an SVG path, and the heights of its lowest and highest value."""

    line: str
    bottom: float
    top: float
    width: int = WIDTH
    height: int = HEIGHT


def draw(first: int, changes: Sequence[tuple[float, int]], *, least: int, most: int) -> Steps:
    """`first` until the first change; each change is a part of the width (0 to 1) and a value."""
    line = f"M0,{_y(first, least, most):g}"
    for part, value in changes:
        line += f"H{round(WIDTH * part, 2):g}V{_y(value, least, most):g}"
    return Steps(f"{line}H{WIDTH}", _y(least, least, most), _y(most, least, most))


def _y(value: int, least: int, most: int) -> float:
    part = (value - least) / (most - least)
    return round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * part, 2)
