"""Parts, changes and allowances in sentences with their numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senders.models import StandingChange
from senders.policies.policy import Limits
from senders.standing.allowance import Allowance, WarmUp
from senders.standing_rows import ChangeKind, Trouble
from smtp_gateway.standing.formula import Part

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PartWords:
    """One part of a level: its title, the sentence with its numbers, and its points as "+1"."""

    title: str
    sentence: str
    points: str
    kind: str
    """ok, bad or muted."""


def parts_in_words(parts: Iterable[Mapping[str, Any] | Part]) -> list[PartWords]:
    """Parts as they are computed, or as they stand in JSON."""
    return [_in_words(part if isinstance(part, Part) else Part(**part)) for part in parts]


def _in_words(part: Part) -> PartWords:
    if part.name == "not-enough":
        return PartWords(_("Not enough mail yet"), _not_enough(part), "0", "muted")
    title, sentence = _TITLES[part.name](), _SENTENCES[part.name](part)
    kind = "ok" if part.points > 0 else "bad" if part.points < 0 else "muted"
    return PartWords(title, sentence, signed(part.points), kind)


def signed(points: int) -> str:
    """Points with their sign, which is a real minus."""
    return f"+{points}" if points > 0 else f"\N{MINUS SIGN}{-points}" if points < 0 else "0"


def _not_enough(part: Part) -> str:
    return _(
        "%(number)s mails have ended in 30 days; from %(of)s on the numbers say something. "
        "Until then the level is the neutral one."
    ) % _numbers(part)


def _numbers(part: Part) -> Words:
    return {
        "number": grouped(part.number),
        "of": grouped(part.of),
        "percent": percent(part.number, part.of),
    }


def grouped(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def percent(number: int, of: int) -> str:
    """With the digit that the formula looks at, and two where that would be 0.0."""
    share = 100 * number / of if of else 0.0
    digits = 2 if 0 < share < 0.1 else 1
    return number_format(round(share, digits), decimal_pos=digits, use_l10n=True)


_TITLES = {
    "arrived": lambda: _("Arrival rate"),
    "hard-bounces": lambda: _("Hard bounces"),
    "complaints": lambda: _("Complaints"),
    "opt-outs": lambda: _("Opt-outs"),
    "quota-used": lambda: _("Use of the quota"),
    "age": lambda: _("Age"),
    "volume": lambda: _("Volume"),
}
_SENTENCES = {
    "arrived": lambda part: _("%(percent)s %% of %(of)s mails arrived.") % _numbers(part),
    "hard-bounces": lambda part: (
        _("%(percent)s %% of %(of)s mails were refused because the mailbox does not exist.")
        % _numbers(part)
    ),
    "complaints": lambda part: (
        _("None of %(of)s mails was complained about.") % _numbers(part)
        if not part.number
        else _("%(percent)s %% of %(of)s mails were complained about (%(number)s).")
        % _numbers(part)
    ),
    "opt-outs": lambda part: (
        _("None of %(of)s mails led to an opt-out.") % _numbers(part)
        if not part.number
        else _("%(percent)s %% of %(of)s mails led to an opt-out (%(number)s).") % _numbers(part)
    ),
    "quota-used": lambda part: (
        ngettext(
            "On %(days)s day it sent, and used %(share)s %% of its daily quota.",
            "On %(days)s days it sent, and used %(share)s %% of its daily quota on average.",
            part.of,
        )
        % {"days": grouped(part.of), "share": grouped(part.number)}
    ),
    "age": lambda part: (
        _("Its first mail left less than a day ago, or none has.")
        if not part.number
        else ngettext(
            "Its first mail left %(days)s day ago.",
            "Its first mail left %(days)s days ago.",
            part.number,
        )
        % {"days": grouped(part.number)}
    ),
    "volume": lambda part: (
        ngettext(
            "%(mails)s mail ended in 30 days.", "%(mails)s mails ended in 30 days.", part.number
        )
        % {"mails": grouped(part.number)}
    ),
}


def change_title(change: StandingChange) -> str:
    """What changed, in a few words."""
    levels = {"from": change.from_level, "to": change.to_level}
    if change.kind == ChangeKind.BRAKED:
        return _("The brake was put on")
    if change.kind == ChangeKind.WARNED:
        return _("Alarm")
    if change.kind == ChangeKind.RELEASED:
        return _("The brake was released")
    if change.to_level > change.from_level:
        return _("Up from level %(from)d to %(to)d") % levels
    if change.to_level < change.from_level:
        return _("Down from level %(from)d to %(to)d") % levels
    return _("An admin decided about the level, which stays %(to)d") % levels


def change_sentence(change: StandingChange) -> str:
    """Why, for what has no parts; empty: the parts say it."""
    if change.kind == ChangeKind.RELEASED and not change.decided_by:
        return _("By itself: for a day there was no trouble any more.")
    if change.kind in (ChangeKind.RELEASED, ChangeKind.LIMITED):
        return ""
    if change.trouble:
        return trouble_sentence(change.trouble, change.trouble_count, change.trouble_of)
    return ""


def trouble_sentence(trouble: str, number: int, of: int) -> str:
    words = {"percent": percent(number, of), "number": grouped(number), "of": grouped(of)}
    if trouble == Trouble.COMPLAINTS:
        return (
            _("%(percent)s %% of %(of)s mails in 7 days were complained about (%(number)s).")
            % words
        )
    return (
        _(
            "%(percent)s %% of %(of)s mails in 24 hours were refused because the mailbox does not "
            "exist (%(number)s)."
        )
        % words
    )


def trouble_advice(trouble: str) -> Sequence[str]:
    """What to do, step by step."""
    if trouble == Trouble.COMPLAINTS:
        return [
            _("Stop the mailing, and look at which one people complained about."),
            _("Send only to people who asked for it, and make unsubscribing easy to find."),
            _("Those who complained are suppressed already: leave them so."),
        ]
    return [
        _("Stop the application, and find out where its list of recipients comes from."),
        _("Remove the addresses that do not exist: the list of suppressions has them."),
        _("Have new recipients confirm their address before they get more mail."),
    ]


def allowance_sentence(found: Allowance, limits: Limits) -> str:
    """What sets the daily quota in `limits`, where its policy counts too."""
    if found.is_halted:
        return _("Nothing is accepted and nothing leaves until the brake is released.")
    if found.cause == "brake":
        return _("The brake leaves it what level 1 allows, counted from when it was put on.")
    if found.limits.per_day != limits.per_day:
        return _("The policy of its mail type sets the daily quota.")
    if found.warm_up is not None:
        return warm_up_sentence(found.warm_up)
    if found.cause == "limit":
        return _("An admin has decided about its level.")
    return _("What its level and the policy of its mail type allow; the smaller of both.")


def warm_up_sentence(warm_up: WarmUp) -> str:
    words = {
        "day": warm_up.day, "days": warm_up.days, "share": grouped(warm_up.share),
        "per_day": grouped(warm_up.per_day), "number": warm_up.shared_by,
    }  # fmt: skip
    if warm_up.plan == "address":
        return (
            _("The address is new, and warms up: day %(day)s of %(days)s allows %(share)s mails.")
            % words
        )
    return (
        ngettext(
            "Its domain is new, and warms up: day %(day)s of %(days)s allows %(per_day)s mails.",
            "Its domain is new, and warms up: day %(day)s of %(days)s allows %(per_day)s mails, "
            "shared by its %(number)s addresses that can send: %(share)s each.",
            warm_up.shared_by,
        )
        % words
    )


def limit_words(limits: Limits) -> list[tuple[str, str]]:
    """(what, how many) each."""
    return [
        (_("In an hour"), _or_none(limits.per_hour)),
        (_("In a day"), _or_none(limits.per_day)),
        (_("Pace in a minute"), _or_none(limits.pace_per_minute)),
    ]


def _or_none(limit: int | None) -> str:
    return _("no limit") if limit is None else grouped(limit)
