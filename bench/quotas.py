"""Quotas that no measurement uses up, and that are counted all the same."""

from senders.models import MailTypePolicy

_NEVER_USED_UP = 1_000_000_000


def widen() -> None:
    """For every mail type; the table has its rows since the installation."""
    MailTypePolicy.objects.update(
        address_per_hour=_NEVER_USED_UP,
        address_per_day=_NEVER_USED_UP,
        organisation_per_hour=_NEVER_USED_UP,
        organisation_per_day=_NEVER_USED_UP,
    )
