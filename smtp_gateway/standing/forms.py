"""What operators type about standings."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from senders.policies.policy import Limits
from senders.standing_rows import LEAST_LEVEL, MOST_LEVEL, Plan
from smtp_gateway.standing.formula import DAYS, Record
from smtp_gateway.standing.wording import grouped

_MOST_RECIPIENTS = 10**12
_MOST_DAYS = 366
_NUMBER = _("Enter a whole number, 0 or more.")
_LIMIT = _("Enter a whole number from 1 on, or nothing for no limit.")
_LEVELS = [(level, str(level)) for level in range(LEAST_LEVEL, MOST_LEVEL + 1)]

_LABELS = {
    "relayed": _("Relayed in 30 days"),
    "given_up": _("Bounced or expired"),
    "came_back": _("Relayed, and bounced later"),
    "hard_bounces": _("Of those: mailbox does not exist"),
    "complaints": _("Complaints"),
    "opt_outs": _("Opt-outs"),
    "days_sent": _("Days on which it sent"),
    "quota_used_percent": _("Daily quota used on average, in percent"),
    "age_days": _("Days since its first mail left"),
}


def _number(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=_MOST_RECIPIENTS,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], _NUMBER),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


def _wholes(record: Record) -> list[tuple[str, int, Any]]:
    """(what, no more than so many, and why) of each number that is a part of others."""
    of_relayed = _("Enter no more than were relayed: %(most)s.")
    failed = record.given_up + record.came_back
    return [
        ("came_back", record.relayed, of_relayed),
        ("hard_bounces", failed, _("Enter no more than bounced, expired or came back: %(most)s.")),
        ("complaints", record.relayed, of_relayed),
        ("opt_outs", record.relayed, of_relayed),
        ("days_sent", DAYS, _("Enter no more than %(most)s: it looks no further back.")),
    ]


class WhatIfForm(forms.Form):
    """The numbers of a Record; empty ones are 0."""

    def __init__(self, data: Mapping[str, Any] | None, initial: Record) -> None:
        values = {field.name: getattr(initial, field.name) for field in fields(Record)}
        super().__init__(data, initial=values)
        for name, label in _LABELS.items():
            self.fields[name] = _number(label)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for name, most, words in _wholes(self.record):
                if (values[name] or 0) > most:
                    self.add_error(name, words % {"most": grouped(most)})
        return values

    @property
    def record(self) -> Record:
        return Record(**{name: self.cleaned_data[name] or 0 for name in _LABELS})


class LimitForm(forms.Form):
    """What an admin decides about a level."""

    way = forms.ChoiceField(
        label=_("Who decides"),
        choices=[
            ("numbers", _("The numbers alone")),
            ("cap", _("The numbers, but no higher than this level")),
            ("fixed", _("Always this level, whatever the numbers say")),
        ],
        error_messages={"required": _("Choose who decides about the level.")},
    )
    level = forms.TypedChoiceField(
        label=_("Level"), choices=_LEVELS, coerce=int, required=False, empty_value=None
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("It stands in the history of the address."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("way") in ("cap", "fixed") and not values.get("level"):
            self.add_error("level", _("Choose a level from 1 to 10."))
        return values

    @property
    def decided(self) -> dict[str, int | None]:
        way, level = self.cleaned_data["way"], self.cleaned_data["level"]
        return {
            "cap": level if way == "cap" else None,
            "fixed_level": level if way == "fixed" else None,
        }


class ReleaseForm(forms.Form):
    """Why the brake is released."""

    reason = forms.CharField(
        label=_("What was done about it?"),
        max_length=300,
        help_text=_("It stands in the history of the address."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={
            "required": _("Say what was done, for whoever looks at it later."),
        },
    )


def _limit(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=_MOST_RECIPIENTS,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], _LIMIT),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


class LevelsForm(forms.Form):
    """What each level allows: three fields a level."""

    def __init__(self, data: Mapping[str, Any] | None, levels: Mapping[int, Limits]) -> None:
        super().__init__(data)
        for level, limits in levels.items():
            for name, label in (
                ("per_hour", _("In an hour")),
                ("per_day", _("In a day")),
                ("pace_per_minute", _("Pace in a minute")),
            ):
                field = _limit(label)
                field.initial = getattr(limits, name)
                field.widget.attrs["aria-label"] = _("Level %(level)d: %(what)s") % {
                    "level": level,
                    "what": label,
                }
                self.fields[f"{name}_{level}"] = field

    @property
    def limits(self) -> dict[int, Limits]:
        return {
            level: Limits(
                *[
                    self.cleaned_data[f"{name}_{level}"]
                    for name in ("per_hour", "per_day", "pace_per_minute")
                ]
            )
            for level, _word in _LEVELS
        }

    def rows(self) -> list[tuple[int, list[forms.BoundField]]]:
        """(level, its three fields) each."""
        names = ("per_hour", "per_day", "pace_per_minute")
        return [(level, [self[f"{name}_{level}"] for name in names]) for level, _word in _LEVELS]


class PlanForm(forms.Form):
    """A warm-up plan as numbers with spaces or commas between them."""

    days = forms.CharField(
        label=_("What each day allows"),
        required=False,
        max_length=6_000,
        help_text=_(
            "One number for each day, the first day first, with spaces between them. Nothing: "
            "there is no warm-up."
        ),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )

    def clean_days(self) -> list[int]:
        words = self.cleaned_data["days"].replace(",", " ").split()
        if len(words) > _MOST_DAYS:
            raise forms.ValidationError(_("A plan has 366 days at most."))
        if not all(word.isascii() and word.isdigit() and len(word) <= 12 for word in words):
            raise forms.ValidationError(_("Enter whole numbers with spaces between them."))
        days = [int(word) for word in words]
        if not all(days):
            raise forms.ValidationError(_("A day that allows nothing would end the warm-up."))
        return days


def plan_text(days: Sequence[int]) -> str:
    """As the form shows it."""
    return " ".join(map(str, days))


def plan_of(name: str) -> Plan | None:
    """The plan of a URL."""
    return Plan(name) if name in Plan.values else None
