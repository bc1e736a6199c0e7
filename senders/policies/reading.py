"""Policies as they hold now: the table, and the settings of the installation behind it.

This is the one reader of both; nothing else asks the settings for lifetimes or retries.
"""

from django.conf import settings

from senders.policies.defaults import DEFAULTS
from senders.policies.policy import Limits, Policy, SendingWindow, Unsubscribe
from senders.policies.table import MailTypePolicy

_UNSUBSCRIBE: dict[str, Unsubscribe] = {"none": "none", "one-click": "one-click"}


def policy_of(mail_type: str) -> Policy:
    """What holds for that type now. Raises KeyError for what is no mail type."""
    return policies()[mail_type]


def policies() -> dict[str, Policy]:
    """By mail type, read at once."""
    rows = {row.mail_type: row for row in MailTypePolicy.objects.all()}
    return {
        mail_type: policy_as(rows.get(mail_type) or default(mail_type)) for mail_type in DEFAULTS
    }


def default(mail_type: str) -> MailTypePolicy:
    """What a new installation has, not written down."""
    return MailTypePolicy(mail_type=mail_type, **DEFAULTS[mail_type])


def policy_as(row: MailTypePolicy) -> Policy:
    """What a row comes to with the settings of the installation."""
    mail_type = row.mail_type
    return Policy(
        mail_type=mail_type,
        address=Limits(row.address_per_hour, row.address_per_day, row.pace_per_minute),
        organisation=Limits(row.organisation_per_hour, row.organisation_per_day),
        window=_window(row),
        lifetime=row.lifetime or settings.MAIL_LIFETIME[mail_type],
        retry_first=row.retry_first or settings.RETRY_FIRST[mail_type],
        retry_longest=row.retry_longest or settings.RETRY_MAX[mail_type],
        # The setting is what one machine bears, so it is the most that a policy can give.
        max_recipients=min(row.max_recipients or settings.MAX_RECIPIENTS, settings.MAX_RECIPIENTS),
        unsubscribe=_UNSUBSCRIBE[row.unsubscribe],
        takes_lifetime_header=row.takes_lifetime_header,
        bulk_pace_per_minute=row.bulk_pace_per_minute,
    )


def _window(row: MailTypePolicy) -> SendingWindow | None:
    if row.window_opens is None or row.window_closes is None:
        return None
    return SendingWindow(row.window_opens, row.window_closes, row.window_time_zone)
