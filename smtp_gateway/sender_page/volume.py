"""What a sender address sent and what became of it, as a picture of days with its sums."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from senders.charts.bars import BarChart, Series, draw
from senders.charts.bars import Slot as Place
from smtp_gateway.rollups.values import Counts, Slot

_DAYS_A_TICK, _FIRST_TICK = 7, 3
"""Weekly, and none at the very edge, where it would hang over."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One kind of number over all days; `key` names its colour."""

    key: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Volume:
    """The picture, and its sums in the same order."""

    chart: BarChart
    sums: Sequence[Sum]

    @property
    def is_empty(self) -> bool:
        return not any(each.number for each in self.sums)


def draw_volume(days: Sequence[Slot]) -> Volume:
    """The last of `days` is today."""
    series = _series()
    chart = draw(series, [_place(day, len(days) - 1 - at) for at, day in enumerate(days)])
    numbers = _numbers(sum((day.counts for day in days), Counts()))
    sums = [Sum(s.key, s.label, number) for s, number in zip(series, numbers, strict=True)]
    return Volume(chart, sums)


def _series() -> Sequence[Series]:
    return [
        Series("accepted", _("Accepted")),
        Series("relayed", _("Relayed"), stack=1),
        Series("kept", _("Kept here"), stack=1),
        Series("deferred", _("Deferred"), stack=1),
        Series("bounced", _("Bounced or expired"), stack=1),
        Series("cancelled", _("Cancelled"), stack=1),
    ]


def _numbers(counts: Counts) -> Sequence[int]:
    """In the order of the series."""
    return [
        counts.accepted, counts.relayed, counts.kept, counts.deferred, counts.failed,
        counts.cancelled,
    ]  # fmt: skip


def _day_format() -> str:
    return pgettext("day of a month, as Django's date filter writes it", "j M")


def _place(day: Slot, days_ago: int) -> Place:
    name = date_format(localtime(day.begin), _day_format())
    is_tick = days_ago % _DAYS_A_TICK == _FIRST_TICK
    return Place(name, _numbers(day.counts), tick=name if is_tick else "")
