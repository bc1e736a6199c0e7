"""The numbers of the overview: counts and what each of them links to, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from senders.charts import bars
from senders.models import SenderAddress
from smtp_gateway.happened import Happened
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import CountedOutcome
from smtp_gateway.reason_words import ReasonWords, reason_words
from smtp_gateway.rollups import reading
from smtp_gateway.rollups.periods import Period
from smtp_gateway.rollups.values import (
    Counts,
    Number,
    Reason,
    SenderCounts,
    Slot,
    by_mail_type,
    by_reason,
    by_slot,
    total,
)

Words = str | Promise

REASONS_SHOWN = 6
SENDERS_SHOWN = 5
_TICK_EVERY = {"24h": 4, "7d": 1, "30d": 5}
_NOTABLE = 10
"""So many more than before are worth a colour."""

OUTCOMES: Mapping[str, Words] = {
    "accepted": _("Accepted"),
    "relayed": _("Relayed"),
    "kept": _("Kept here"),
    "deferred": _("Deferred"),
    "bounced": _("Bounced"),
    "expired": _("Expired"),
    "cancelled": _("Cancelled"),
    "suppressed": _("Suppressed"),
    "uncertain": _("Uncertain"),
    "set_aside": _("Set aside"),
    "returned": _("Bounced later"),
}
ALWAYS = ("accepted", "relayed", "deferred", "bounced")
"""Shown when they are zero, too; the others only where there is something."""
_DRAWN = ("relayed", "kept", "deferred", "bounced", "expired", "cancelled")
_TROUBLE = ("deferred", "bounced", "expired", "uncertain", "set_aside", "returned")
_MAIL_TYPES: Mapping[str, Words] = {"trigger": _("Trigger Mail"), "batch": _("Batch Mail")}


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of the period; `delta` compares it with the period before."""

    key: str
    label: Words
    value: int
    href: str
    delta: str
    delta_kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a table and the mails that it counts."""

    label: Words
    number: int
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A mail type or a sender address, and its numbers."""

    label: Words
    cells: Sequence[Cell]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Only with columns in which there is something, or which always are."""

    columns: Sequence[Words]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason and the mails that failed for it."""

    outcome: Words
    kind: str
    """Of its badge."""
    words: ReasonWords
    recipients: int
    href: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """All that the overview counts of a period."""

    tiles: Sequence[Tile]
    chart: bars.BarChart
    by_type: Table
    by_sender: Table
    failures: Sequence[Failure]
    is_whole: bool
    """False: so much is not counted yet that it would take a page too long."""
    counted_until: datetime | None


@dataclass(frozen=True, slots=True)
class _Read:
    now: Sequence[Number]
    before: Counts
    senders: Sequence[SenderCounts]
    tail: reading.Tail


def numbers(period: Period) -> Numbers:
    """Right to the mail: the same that the mail log shows behind each link."""

    def read(tail: reading.Tail) -> _Read:
        return _Read(
            reading.numbers(tail, period.begins, period.until),
            reading.counts(tail, *period.before),
            reading.top_senders(tail, period.since, period.until, SENDERS_SHOWN),
            tail,
        )

    found = reading.read(read)
    return Numbers(
        tiles=_tiles(period, total(found.now), found.before),
        chart=_chart(period, by_slot(found.now, period.begins)),
        by_type=_table(period, _of_types(found.now)),
        by_sender=_table(period, _of_senders(found.senders)),
        failures=[_failure(period, each) for each in by_reason(found.now)[:REASONS_SHOWN]],
        is_whole=found.tail.is_whole,
        counted_until=found.tail.counted_until,
    )


def log_url(
    period: Period, name: str, *, reason: str = "", mail_type: str = "", sender: str = ""
) -> str:
    """The mails that a number counts. `name`: of a field of Counts."""
    outcome = CountedOutcome(name.replace("_", "-"))
    happened = Happened(outcome, period.since, period.until, reason)
    query = urlencode({**happened.parameters, **Scope(mail_type, sender).parameters})
    return f"{reverse('smtp_gateway:mail_log')}?{query}"


def _tiles(period: Period, counts: Counts, before: Counts) -> list[Tile]:
    return [_tile(period, name, counts, before) for name in _shown([counts])]


def _tile(period: Period, name: str, counts: Counts, before: Counts) -> Tile:
    value, former = getattr(counts, name), getattr(before, name)
    delta = _delta(value, former)
    is_worse = name in _TROUBLE and value >= former * 1.5 and value - former >= _NOTABLE
    note = gettext("%(number)s before") % {"number": former}
    if name == "deferred" and counts.deferred_attempts > value:
        note = gettext("%(number)s before; %(attempts)s attempts") % {
            "attempts": counts.deferred_attempts,
            "number": former,
        }
    return Tile(
        name, OUTCOMES[name], value, log_url(period, name), delta, "bad" if is_worse else "", note
    )


def _delta(value: int, former: int) -> str:
    """As in "+12 %"; empty where there is nothing to compare with."""
    if not former or value == former:
        return ""
    percent = round((value - former) * 100 / former)
    return f"{percent:+d} %".replace("-", "\N{MINUS SIGN}") if abs(percent) < 1000 else ""


def _chart(period: Period, slots: Sequence[Slot]) -> bars.BarChart:
    drawn = [name for name in _DRAWN if name in ALWAYS or any(_of(s, name) for s in slots)]
    series = [
        bars.Series("accepted", str(OUTCOMES["accepted"])),
        *(bars.Series(name.replace("_", "-"), str(OUTCOMES[name]), 1) for name in drawn),
    ]
    every = _TICK_EVERY[period.name]
    columns = [
        bars.Slot(
            _slot_label(period, slot.begin),
            [slot.counts.accepted, *(_of(slot, name) for name in drawn)],
            _tick(period, slot.begin) if place % every == 0 else "",
        )
        for place, slot in enumerate(slots)
    ]
    return bars.draw(series, columns)


def _of(slot: Slot, name: str) -> int:
    return int(getattr(slot.counts, name))


def _slot_label(period: Period, begin: datetime) -> str:
    if period.is_by_hour:
        form = pgettext("moment of a day, as Django's date filter writes it", "j M, H:i")
    else:
        form = pgettext("day with its weekday, as Django's date filter writes it", "D j M")
    return date_format(timezone.localtime(begin), form)


def _tick(period: Period, begin: datetime) -> str:
    day = pgettext("day of a month, as Django's date filter writes it", "j M")
    return date_format(timezone.localtime(begin), "H:i" if period.is_by_hour else day)


def _shown(all_counts: Iterable[Counts]) -> list[str]:
    every = list(all_counts)
    return [name for name in OUTCOMES if name in ALWAYS or any(getattr(c, name) for c in every)]


def _table(period: Period, rows: Sequence[tuple[Words, Counts, dict[str, str], str]]) -> Table:
    """`rows`: label, counts, what its links are narrowed to, and where the label leads."""
    names = _shown(counts for _, counts, _, _ in rows)
    return Table(
        [OUTCOMES[name] for name in names],
        [
            Row(
                label,
                [
                    Cell(OUTCOMES[name], getattr(counts, name), log_url(period, name, **of))
                    for name in names
                ],
                href,
            )
            for label, counts, of, href in rows
        ],
    )


def _of_types(found: Sequence[Number]) -> list[tuple[Words, Counts, dict[str, str], str]]:
    return [
        (_MAIL_TYPES.get(name, name), counts, {"mail_type": name}, "")
        for name, counts in by_mail_type(found).items()
    ]


def _of_senders(
    senders: Sequence[SenderCounts],
) -> list[tuple[Words, Counts, dict[str, str], str]]:
    known = SenderAddress.objects.filter(address__in=[each.address for each in senders])
    pages = {
        address: reverse("smtp_gateway:sender_address", args=[pk])
        for address, pk in known.values_list("address", "pk")
    }
    return [
        (each.address, each.counts, {"sender": each.address}, pages.get(each.address, ""))
        for each in senders
    ]


def _failure(period: Period, reason: Reason) -> Failure:
    return Failure(
        outcome=OUTCOMES[reason.outcome],
        kind="wait" if reason.outcome == "deferred" else "bad",
        words=reason_words(reason.code),
        recipients=reason.recipients,
        href=log_url(period, reason.outcome, reason=reason.code),
    )
