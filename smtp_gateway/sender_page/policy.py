"""What the mail type of an address means for its mail, in sentences made of the real settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senders.models import MailType
from smtp_gateway.sender_page.durations import in_words


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the policy; `icon` is a name of lucide's."""

    icon: str
    sentence: str


def rules_of(mail_type: str) -> list[Rule]:
    """Those that hold for mail of that type at present."""
    return list(_rules(mail_type))


def _rules(mail_type: str) -> Iterator[Rule]:
    yield Rule("split", _lane(mail_type))
    yield Rule("rotate-cw", _retries(mail_type))
    if settings.DELAY_WARNING is not None and _lifetime(mail_type) > settings.DELAY_WARNING:
        yield Rule("bell", _warning(settings.DELAY_WARNING))
    yield Rule("users", _recipients(settings.MAX_RECIPIENTS))
    yield Rule("weight", _size(settings.MAX_MESSAGE_BYTES))
    yield Rule("at-sign", _("It may only send as this very address, in the envelope and in From."))


def _lane(mail_type: str) -> str:
    if mail_type == MailType.BATCH:
        return _("Its mail goes out in the lane for Batch Mail, which never delays Trigger Mail.")
    return _("Its mail goes out in the lane for Trigger Mail, which no mailing delays.")


def _retries(mail_type: str) -> str:
    words = {
        "lifetime": in_words(_lifetime(mail_type)),
        "first": in_words(settings.RETRY_FIRST[mail_type]),
        "longest": in_words(settings.RETRY_MAX[mail_type]),
    }
    if settings.RETRY_FIRST[mail_type] >= settings.RETRY_MAX[mail_type]:
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


def _recipients(most: int) -> str:
    return ngettext(
        "One mail has at most %(count)s recipient.",
        "One mail has at most %(count)s recipients.",
        most,
    ) % {"count": most}


def _size(most_bytes: int) -> str:
    return _("One mail has at most %(size)s.") % {"size": filesizeformat(most_bytes)}


def _lifetime(mail_type: str) -> timedelta:
    lifetime: timedelta = settings.MAIL_LIFETIME[mail_type]
    return lifetime
