"""What all that is found was narrowed to, for whoever is about to act on it."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from senders.models import MailType
from smtp_gateway.happened import Happened
from smtp_gateway.mail_list import LISTING
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import ShownState
from smtp_gateway.reason_words import reason_words
from smtp_gateway.selection import Selection
from verification.mail_address import display

Told = tuple[str | Promise, str | Promise]
"""A filter, and what it is set to."""


def narrowed(selection: Selection) -> Sequence[Told]:
    """Every filter of a selection of all that is found; none: it is all mail."""
    told: list[tuple[str | Promise, str | Promise]] = [
        (_("Search"), selection.search),
        (_("Search in"), _place(selection.where) if selection.search else ""),
        (_("State"), ShownState(selection.state).label if selection.state else ""),
        *_of_scope(selection.scope),
        *(_of_happened(selection.happened) if selection.happened else ()),
    ]
    return [(label, value) for label, value in told if value]


def _place(where: str) -> str | Promise:
    places = next(choice for choice in LISTING.choices if choice.name == "in")
    return dict(places.options).get(where, places.all_label)


def _of_scope(scope: Scope) -> list[Told]:
    days = scope.days
    return [
        (_("Mail type"), MailType(scope.mail_type).label if scope.mail_type else ""),
        (_("Sender address"), display(scope.sender)),
        (pgettext("date", "From"), _day(days.first)),
        (pgettext("date", "To"), _day(days.last)),
    ]


def _day(day: date | None) -> str:
    form = pgettext("day, as Django's date filter writes it", "j M Y")
    return date_format(day, form) if day else ""


def _of_happened(happened: Happened) -> list[Told]:
    form = pgettext("moment, as Django's date filter writes it", "j M Y, H:i")
    since, until = (
        date_format(timezone.localtime(at), form) for at in (happened.since, happened.until)
    )
    words = reason_words(happened.reason) if happened.reason else None
    return [
        (
            _("Happened"),
            _("%(outcome)s, from %(since)s until %(until)s")
            % {"outcome": happened.outcome.label, "since": since, "until": until},
        ),
        (_("Reason"), words.means if words else ""),
    ]
