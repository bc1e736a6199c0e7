"""Each number of the overview has a colour of its own that is seen on both grounds."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

from directmail.overview_numbers import OUTCOMES

STATIC = Path(settings.BASE_DIR) / "static"
LEAST = 3.0
"""WCAG 2.2, 1.4.11: what is drawn, against what is beside it."""


def rules() -> dict[str, str]:
    """What colour each key has, by its name."""
    sheets = (STATIC / "css/charts.css", STATIC / "pages/overview.css")
    text = "\n".join(sheet.read_text() for sheet in sheets)
    found = re.findall(
        r"([^{}]+)\{\s*--series: ([^;]+);", re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    )
    return {key: value for keys, value in found for key in re.findall(r"\.(\w+)", keys)}


def faces(name: str) -> list[str]:
    """Of a token: its light and its dark face, each `rrggbb`."""
    tokens = (STATIC / "css/tokens.css").read_text()
    found = re.search(rf"--{name}: light-dark\(#(\w{{6}}), #(\w{{6}})\)", tokens)
    assert found, name
    return [found[1], found[2]]


def luminance(colour: str) -> float:
    shares = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_number_has_a_colour() -> None:
    assert set(OUTCOMES) - set(rules()) == set()


def test_what_goes_wrong_in_another_way_has_another_colour() -> None:
    trouble = ("deferred", "uncertain", "returned", "bounced", "expired")
    colours = [rules()[name] for name in trouble]
    assert all(one != other for one, other in pairwise(sorted(colours)))


@pytest.mark.parametrize("name", ["chart-returned", "chart-uncertain"])
def test_it_is_seen_on_both_grounds(name: str) -> None:
    for colour, ground in zip(faces(name), faces("surface"), strict=True):
        lighter, darker = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= LEAST
