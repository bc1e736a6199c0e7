"""The policy of a mail type in sentences, and what a change of it comes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senders.durations import in_words
from senders.policies.policy import Limits, Policy, SendingWindow


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the policy. `key` tells it from others; `icon` is a name of lucide's."""

    key: str
    icon: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule says now, and what it would say; empty: nothing."""

    before: str
    after: str


def rules_of(policy: Policy) -> list[Rule]:
    """Those that hold for mail of that type."""
    return [*_of_amounts(policy), *_of_time(policy), *_of_each_mail(policy)]


def changes(before: Policy, after: Policy) -> list[Change]:
    """What would be different, in the order of the rules."""
    old = {rule.key: rule.sentence for rule in rules_of(before)}
    new = {rule.key: rule.sentence for rule in rules_of(after)}
    keys = [*new, *(key for key in old if key not in new)]
    return [
        Change(old.get(key, ""), new.get(key, "")) for key in keys if old.get(key) != new.get(key)
    ]


def _of_amounts(policy: Policy) -> Iterator[Rule]:
    yield Rule("lane", "split", _lane(policy.mail_type))
    yield Rule("address", "gauge", _address_quota(policy.address))
    yield Rule("organisation", "building-2", _organisation_quota(policy.organisation))
    yield Rule("pace", "timer", _pace(policy.address.pace_per_minute))
    if policy.window is not None:
        yield Rule("window", "clock", _window(policy.window))
    if policy.mail_type == "trigger":
        yield Rule("bulk", "flag", _bulk(policy.bulk_pace_per_minute))


def _of_time(policy: Policy) -> Iterator[Rule]:
    yield Rule("retries", "rotate-cw", _retries(policy))
    if settings.DELAY_WARNING is not None and policy.lifetime > settings.DELAY_WARNING:
        yield Rule("warning", "bell", _warning(settings.DELAY_WARNING))
    if policy.takes_lifetime_header:
        yield Rule("lifetime_header", "hourglass", _lifetime_header())


def _of_each_mail(policy: Policy) -> Iterator[Rule]:
    yield Rule("recipients", "users", _recipients(policy.max_recipients))
    if settings.SAME_RECIPIENT_MAX_MAILS > 0:
        yield Rule("same_recipient", "repeat", _same_recipient())
    yield Rule("size", "weight", _size(settings.MAX_MESSAGE_BYTES))
    yield Rule("unsubscribe", "mail-x", _unsubscribe(policy.unsubscribe))
    own = _("It may only send as this very address, in the envelope and in From.")
    yield Rule("own_address", "at-sign", own)


def _lane(mail_type: str) -> str:
    if mail_type == "batch":
        return _("Its mail goes out in the lane for Batch Mail, which never delays Trigger Mail.")
    return _("Its mail goes out in the lane for Trigger Mail, which no mailing delays.")


def _address_quota(limits: Limits) -> str:
    words = _numbers(limits)
    if limits.per_hour is None and limits.per_day is None:
        return _("Each address may send to as many recipients as it likes.")
    if limits.per_day is None:
        return _("Each address may send to %(hour)s recipients an hour.") % words
    if limits.per_hour is None:
        return _("Each address may send to %(day)s recipients a day.") % words
    return _("Each address may send to %(hour)s recipients an hour and %(day)s a day.") % words


def _organisation_quota(limits: Limits) -> str:
    words = _numbers(limits)
    if limits.per_hour is None and limits.per_day is None:
        return _("All addresses of this type together may send to as many as they like.")
    if limits.per_day is None:
        return _("All addresses of this type together may send to %(hour)s an hour.") % words
    if limits.per_hour is None:
        return _("All addresses of this type together may send to %(day)s a day.") % words
    return (
        _("All addresses of this type together may send to %(hour)s an hour and %(day)s a day.")
        % words
    )


def _numbers(limits: Limits) -> dict[str, str]:
    return {"hour": intcomma(limits.per_hour or 0), "day": intcomma(limits.per_day or 0)}


def _pace(per_minute: int | None) -> str:
    if per_minute is None:
        return _("What is accepted leaves at once, at any pace.")
    return ngettext(
        "Each address sends to at most %(count)s recipient a minute; the others wait their turn.",
        "Each address sends to at most %(count)s recipients a minute; the others wait their turn.",
        per_minute,
    ) % {"count": intcomma(per_minute)}


def _window(window: SendingWindow) -> str:
    return _("Mail leaves from %(opens)s to %(closes)s only (%(zone)s).") % {
        "opens": time_format(window.opens, "H:i"),
        "closes": time_format(window.closes, "H:i"),
        "zone": window.time_zone,
    }


def _bulk(pace_per_minute: int | None) -> str:
    if pace_per_minute is None:
        return _("An address whose mail looks like Batch Mail is pointed out on its page.")
    return ngettext(
        "An address whose mail looks like Batch Mail is pointed out on its page, and slowed down "
        "to %(count)s recipient a minute.",
        "An address whose mail looks like Batch Mail is pointed out on its page, and slowed down "
        "to %(count)s recipients a minute.",
        pace_per_minute,
    ) % {"count": intcomma(pace_per_minute)}


def _retries(policy: Policy) -> str:
    words = {
        "lifetime": in_words(policy.lifetime),
        "first": in_words(policy.retry_first),
        "longest": in_words(policy.retry_longest),
    }
    if policy.retry_first >= policy.retry_longest:
        return (
            _("What cannot be relayed at once is tried again for %(lifetime)s, %(longest)s apart.")
            % words
        )
    return (
        _(
            "What cannot be relayed at once is tried again for %(lifetime)s: first after "
            "%(first)s, then less and less often, at most %(longest)s apart."
        )
        % words
    )


def _warning(after: timedelta) -> str:
    return _("Mail that still waits after %(time)s is reported as delayed.") % {
        "time": in_words(after)
    }


def _lifetime_header() -> str:
    return _(
        "A mail that is soon worthless, such as a one-time code, may ask for a shorter lifetime."
    )


def _recipients(most: int) -> str:
    return ngettext(
        "One mail has at most %(count)s recipient.",
        "One mail has at most %(count)s recipients.",
        most,
    ) % {"count": most}


def _same_recipient() -> str:
    return ngettext(
        "One recipient gets at most %(count)s mail of an address within %(time)s.",
        "One recipient gets at most %(count)s mails of an address within %(time)s.",
        settings.SAME_RECIPIENT_MAX_MAILS,
    ) % {
        "count": settings.SAME_RECIPIENT_MAX_MAILS,
        "time": in_words(settings.SAME_RECIPIENT_WINDOW),
    }


def _size(most_bytes: int) -> str:
    return _("One mail has at most %(size)s.") % {"size": filesizeformat(most_bytes)}


def _unsubscribe(handling: str) -> str:
    if handling == "one-click":
        return _("Each recipient gets links to unsubscribe, by one click too.")
    return _("No links to unsubscribe are added.")
