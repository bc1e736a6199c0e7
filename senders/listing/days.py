"""A time from one day to another, as two fields of a list ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from senders.listing.asked import Day, day_of

FROM_TO = (
    Day("from", pgettext_lazy("date", "From")),
    Day("to", pgettext_lazy("date", "To")),
)


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` up to `until`, which is not in it; None: open at that end.

    Both are midnights where the reader is, so that they say the same days while a file is sent,
    which happens in no time zone of anybody.
    """

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, chosen: Mapping[str, str]) -> "Span":
        """From what the two fields say; what is no day counts as absent."""
        first, last = (day_of(chosen.get(day.name, "")) for day in FROM_TO)
        return cls(
            _midnight(first) if first else None,
            _midnight(last + timedelta(days=1)) if last else None,
        )

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def first(self) -> date | None:
        return self.since.date() if self.since else None

    @property
    def last(self) -> date | None:
        return self.until.date() - timedelta(days=1) if self.until else None

    @property
    def parameters(self) -> dict[str, str]:
        """As they stand in a link; `of` reads them."""
        days = zip(FROM_TO, (self.first, self.last), strict=True)
        return {field.name: day.isoformat() for field, day in days if day}

    def condition(self, field: str) -> Q:
        """Rows with the moment `field` in it."""
        condition = Q()
        if self.since is not None:
            condition &= Q(**{f"{field}__gte": self.since})
        if self.until is not None:
            condition &= Q(**{f"{field}__lt": self.until})
        return condition


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
