"""Levels in words: the badge that stands wherever an address stands."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from senders.standing_rows import Standing, Trouble


@dataclass(frozen=True, slots=True)
class LevelBadge:
    """What `components/badge.html` is given."""

    kind: str
    icon: str
    label: str
    hint: str


def level_badge(standing: Standing) -> LevelBadge:
    """The level and its word; a brake and an alarm stand before it."""
    level = standing.shown_level
    if standing.brake:
        label = _("Level %(level)d · Braked") % {"level": level}
        return LevelBadge("bad", "octagon-pause", label, trouble_word(standing.brake))
    if standing.warning:
        label = _("Level %(level)d · Alarm") % {"level": level}
        return LevelBadge("wait", "triangle-alert", label, trouble_word(standing.warning))
    label = _("Level %(level)d · %(word)s") % {"level": level, "word": level_word(level)}
    return LevelBadge(_kind(level), "gauge", label, _("Its standing: 1 is the worst, 10 the best."))


def level_word(level: int) -> str:
    if level <= 2:
        return pgettext("level of a sender address", "Bad")
    if level <= 4:
        return pgettext("level of a sender address", "Weak")
    if level <= 6:
        return pgettext("level of a sender address", "Neutral")
    if level <= 8:
        return pgettext("level of a sender address", "Good")
    return pgettext("level of a sender address", "Very good")


def trouble_word(code: str) -> str:
    return str(Trouble(code).label)


def _kind(level: int) -> str:
    return "bad" if level <= 2 else "wait" if level <= 4 else "muted" if level <= 6 else "ok"
