"""The fields that the relay puts in front of a recipient's mail, as they were or will be."""

from dataclasses import dataclass

from smtp_gateway.delivery_rules import reading
from smtp_gateway.mail_contents.headers import Headers, read_headers
from smtp_gateway.models import Delivery, Message
from smtp_gateway.relay.own.making import Making


@dataclass(frozen=True, slots=True)
class Added:
    """Of the first recipient; every other one has a link of its own."""

    recipient: str
    recipient_count: int
    fields: Headers
    link: str
    """The page behind the link; empty: the mail brings one of its own."""


def added_to(message: Message, head: bytes) -> Added | None:
    """`head`: the beginning of the mail with its headers. None: nothing is added.

    Links are the same each time, so they are made again instead of being kept.
    """
    types = reading.one_click_types()
    if not head or not message.sender_address or message.mail_type not in types:
        return None
    recipients = Delivery.objects.filter(message=message).order_by("id")
    recipient = recipients.values_list("recipient", flat=True).first() or ""
    links = reading.opt_out_links()
    fields = Making(links, types).fields_for(
        sender_address=message.sender_address,
        mail_type=message.mail_type,
        recipient=recipient,
        head=head,
    )
    if not fields:
        return None
    link = links(message.sender_address, recipient)[0]
    is_ours = link.encode() in fields
    return Added(recipient, recipients.count(), read_headers(fields), link if is_ours else "")
