"""What the audit log calls the objects of this package, and what it tells of them."""

from typing import Any

from django.urls import NoReverseMatch, reverse

from senders.audit.recording import Target
from senders.dkim_key import DkimKey
from senders.models import SenderAddress
from senders.sender_domain import SenderDomain


def target_of(sender: SenderAddress) -> Target:
    """By its address, which outlives the row: one history, also where it was made anew."""
    return Target("sender_address", sender.address, sender.display_address, page_of(sender))


def page_of(sender: SenderAddress) -> str:
    # The page shows mail too, so it is the gateway's; without that there is the list.
    try:
        return reverse("smtp_gateway:sender_address", args=[sender.pk])
    except NoReverseMatch:
        return reverse("senders:list")


def facts_of(sender: SenderAddress) -> dict[str, Any]:
    return {
        "address": sender.address,
        "mail_type": sender.mail_type,
        "reply_to": sender.reply_to_address,
    }


def target_of_key(key: DkimKey) -> Target:
    return Target("dkim_key", str(key), str(key), reverse("senders:dkim_keys"))


def target_of_domain(row: SenderDomain) -> Target:
    """By its name, which outlives the row."""
    page = reverse("senders:domain", args=[row.pk])
    return Target("sender_domain", row.domain, row.display_domain, page)
