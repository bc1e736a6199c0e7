"""One submission of a policy. What fits together and what does not is decided here, field by field.

Empty fields are no limit, or as the settings of the installation say.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senders.durations import in_words
from senders.policies.table import MailTypePolicy, UnsubscribeHandling

_MOST = 1_000_000_000
_LONGEST_HOURS, _LONGEST_MINUTES = 30 * 24, 24 * 60
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_ZONES = [(name, name) for name in sorted(available_timezones())]
_DURATIONS = {
    "lifetime": ("lifetime_hours", _HOUR),
    "retry_first": ("retry_first_minutes", _MINUTE),
    "retry_longest": ("retry_longest_minutes", _MINUTE),
}


def _amount(label: Any, help_text: Any = "", *, most: int = _MOST) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=False, min_value=1, max_value=most
    )


def _duration(label: Any, *, most: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal("0.02"), max_value=most, decimal_places=2
    )


class PolicyForm(forms.Form):
    """What both types have."""

    address_per_hour = _amount(gettext_lazy("Recipients an hour, of each address"))
    address_per_day = _amount(gettext_lazy("Recipients a day, of each address"))
    organisation_per_hour = _amount(gettext_lazy("Recipients an hour, of all addresses together"))
    organisation_per_day = _amount(gettext_lazy("Recipients a day, of all addresses together"))
    max_recipients = _amount(gettext_lazy("Recipients of one mail"))
    lifetime_hours = _duration(gettext_lazy("Lifetime, in hours"), most=_LONGEST_HOURS)
    retry_first_minutes = _duration(
        gettext_lazy("First pause before another attempt, in minutes"), most=_LONGEST_MINUTES
    )
    retry_longest_minutes = _duration(
        gettext_lazy("Longest pause between attempts, in minutes"), most=_LONGEST_MINUTES
    )

    def __init__(self, data: Any = None, *, row: MailTypePolicy) -> None:
        super().__init__(data, initial=_initial(row))
        self._mail_type = row.mail_type
        self.fields["max_recipients"].help_text = _("Empty: %(default)s, as the settings say.") % {
            "default": settings.MAX_RECIPIENTS
        }
        for name, (field, _unit) in _DURATIONS.items():
            self.fields[field].help_text = _("Empty: %(default)s, as the settings say.") % {
                "default": in_words(_setting(name)[row.mail_type])
            }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for field, problem in self._problems(cleaned):
            self.add_error(field, problem)
        return cleaned

    def _problems(self, cleaned: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for hour, day in (
            ("address_per_hour", "address_per_day"),
            ("organisation_per_hour", "organisation_per_day"),
        ):
            if _is_less(cleaned.get(day), cleaned.get(hour)):
                yield day, _("A day cannot have fewer than an hour.")
        for all_of_them, one in (
            ("organisation_per_hour", "address_per_hour"),
            ("organisation_per_day", "address_per_day"),
        ):
            if _is_less(cleaned.get(all_of_them), cleaned.get(one)):
                yield all_of_them, _("All addresses together cannot have fewer than one.")
        if (cleaned.get("max_recipients") or 0) > settings.MAX_RECIPIENTS:
            most = {"most": settings.MAX_RECIPIENTS}
            words = _("At most %(most)s, as the setting MAX_RECIPIENTS says.")
            yield "max_recipients", words % most
        if "retry_first_minutes" in cleaned and "retry_longest_minutes" in cleaned:
            first, longest = (self._pause(cleaned, n) for n in ("retry_first", "retry_longest"))
            if first > longest:
                yield "retry_longest_minutes", _("It cannot be shorter than the first pause.")

    def _pause(self, cleaned: Mapping[str, Any], name: str) -> timedelta:
        field, unit = _DURATIONS[name]
        value = cleaned[field]
        default: timedelta = _setting(name)[self._mail_type]
        return default if value is None else float(value) * unit

    @property
    def values(self) -> dict[str, Any]:
        """By field of the table."""
        cleaned = dict(self.cleaned_data)
        for name, (field, unit) in _DURATIONS.items():
            value = cleaned.pop(field)
            cleaned[name] = None if value is None else float(value) * unit
        return cleaned


class TriggerPolicyForm(PolicyForm):
    """Trigger Mail has no pace below its quota, and nobody unsubscribes from it."""

    takes_lifetime_header = forms.BooleanField(
        label=gettext_lazy("Mails may ask for a shorter lifetime"),
        required=False,
    )
    bulk_pace_per_minute = _amount(
        gettext_lazy("Recipients a minute, of an address whose mail looks like Batch Mail"),
        gettext_lazy("Empty: such an address is only pointed out."),
    )


class BatchPolicyForm(PolicyForm):
    """Batch Mail has a pace and hours, and recipients who may have enough of it."""

    pace_per_minute = _amount(
        gettext_lazy("Recipients a minute, of each address"),
        gettext_lazy("What comes faster waits its turn. Empty: it leaves at once."),
    )
    window_opens = forms.TimeField(
        label=gettext_lazy("Mail leaves from"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    window_closes = forms.TimeField(
        label=gettext_lazy("Mail leaves until"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    window_time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=_ZONES)
    unsubscribe = forms.ChoiceField(
        label=gettext_lazy("Links to unsubscribe"), choices=UnsubscribeHandling
    )

    def _problems(self, cleaned: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super()._problems(cleaned)
        opens, closes = cleaned.get("window_opens"), cleaned.get("window_closes")
        if (opens is None) != (closes is None):
            missing = "window_opens" if opens is None else "window_closes"
            if missing in cleaned:
                yield missing, _("Give both times, or leave both empty.")
        elif opens is not None and opens == closes:
            yield "window_closes", _("It has to be another time than the beginning.")


FORMS: dict[str, type[PolicyForm]] = {"trigger": TriggerPolicyForm, "batch": BatchPolicyForm}


def _setting(name: str) -> Mapping[str, timedelta]:
    by_name: dict[str, Mapping[str, timedelta]] = {
        "lifetime": settings.MAIL_LIFETIME,
        "retry_first": settings.RETRY_FIRST,
        "retry_longest": settings.RETRY_MAX,
    }
    return by_name[name]


def _initial(row: MailTypePolicy) -> dict[str, Any]:
    durations = {
        field: None if getattr(row, name) is None else _plain(getattr(row, name) / unit)
        for name, (field, unit) in _DURATIONS.items()
    }
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.fields}  # noqa: SLF001 - Django's documented API
    return {**fields, **durations}


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _is_less(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one < other
