"""A duration in words, exactly: 72 hours stay 72 hours, since that is how they were set."""

from datetime import timedelta

from django.utils.translation import ngettext


def in_words(duration: timedelta) -> str:
    """In the largest of hours, minutes and seconds that leaves no rest."""
    seconds = round(duration.total_seconds())
    if seconds and seconds % 3600 == 0:
        hours = seconds // 3600
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    if seconds and seconds % 60 == 0:
        minutes = seconds // 60
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
