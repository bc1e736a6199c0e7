"""What an admin decides about a mail type."""

from senders.models import MailTypePolicy
from senders.policies.defaults import DEFAULTS


def decide(mail_type: str, **decided: object) -> None:
    """On top of the defaults, whose rows a test before may have emptied with all tables."""
    MailTypePolicy.objects.get_or_create(pk=mail_type, defaults=DEFAULTS[mail_type])
    if decided:
        MailTypePolicy.objects.filter(pk=mail_type).update(**decided)
