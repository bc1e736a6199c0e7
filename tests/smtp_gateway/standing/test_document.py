"""docs/standing.md says what the code does."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from senders.policies.policy import Limits
from senders.standing import defaults
from smtp_gateway.standing import alarm, formula
from smtp_gateway.standing.formula import Band
from smtp_gateway.standing.hard_bounces import HARD

TEXT = (Path(settings.BASE_DIR) / "docs/standing.md").read_text()


def cells(first: str) -> list[str]:
    """The cells of the row that begins with this one."""
    line = next(line for line in TEXT.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def bands_of(words: str, scale: int) -> dict[int, int]:
    """Least and points, as `from 99 %: +1; less: -3` has them."""
    found = {}
    for part in words.split("; "):
        limit, points = part.rsplit(": ", 1)
        number = re.search(r"from ([\d.,]+)", limit)
        least = round(float(number[1].replace(",", "")) * scale) if number else 0
        found[least] = int(points)
    return found


def as_told(bands: tuple[Band, ...]) -> dict[int, int]:
    return {band.least: band.points for band in bands}


@pytest.mark.parametrize(
    ("part", "bands", "scale"),
    [
        ("Arrival rate", formula.ARRIVED, 10),
        ("Hard bounces", formula.HARD_BOUNCES, 10),
        ("Opt-outs", formula.OPT_OUTS, 10),
        ("Use of the quota", formula.QUOTA_USED, 1),
        ("Age", formula.AGE, 1),
        ("Volume", formula.VOLUME, 1),
    ],
    ids=["arrived", "hard-bounces", "opt-outs", "quota", "age", "volume"],
)
def test_its_bands_are_those_of_the_formula(part: str, bands: tuple[Band, ...], scale: int) -> None:
    assert bands_of(cells(part)[2], scale) == as_told(bands)


def test_its_bands_of_complaints_are_those_of_the_formula() -> None:
    first, _, rest = cells("Complaints")[2].partition("; ")
    assert first == f"none of {formula.NO_COMPLAINT_OF:,} or more: +1"
    assert bands_of(rest, 10) == as_told(formula.COMPLAINTS)


@pytest.mark.parametrize("level", range(1, 11))
def test_its_levels_are_the_defaults(level: int) -> None:
    numbers = [
        None if cell == "no limit" else int(cell.replace(",", "")) for cell in cells(str(level))[1:]
    ]
    assert Limits(*numbers) == defaults.LEVELS[level]


def test_it_names_every_category_of_hard_bounces() -> None:
    assert [name for name in HARD if f"`{name}`" not in TEXT] == []


def test_its_table_of_the_brake_is_that_of_the_code() -> None:
    for trouble, first in (
        ("hard-bounces", "Hard bounces, of what ended"),
        ("complaints", "Complaints, of what was relayed"),
    ):
        _, _, *told, least_of = cells(first)
        by_grade = {
            limit.grade: limit
            for limit in alarm.LIMITS
            if limit.trouble == trouble and limit.least_of
        }
        for words, limit in zip(told, (by_grade["warning"], by_grade["brake"]), strict=True):
            assert words == f"{limit.per_mille / 10:g} %, {limit.least_number} of them"
            assert least_of.split()[0] == str(limit.least_of)


def test_its_table_of_what_brakes_by_number_alone_is_that_of_the_code() -> None:
    firsts = {
        "hard-bounces": "Hard bounces, of however many ended",
        "complaints": "Complaints, of however many were relayed",
    }
    limits = {limit.trouble: limit for limit in alarm.LIMITS if not limit.least_of}
    assert set(limits) == set(firsts)
    for trouble, limit in limits.items():
        told = [f"{limit.per_mille / 10:g} %", f"{limit.least_number} of them"]
        assert (limit.grade, cells(firsts[trouble])[1:]) == ("brake", told)
