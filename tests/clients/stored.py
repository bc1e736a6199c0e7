"""What the queue holds of a mail that a client sent."""

import re

from smtp_gateway.models import Message
from tests.clients.mails import Mail

_RECEIVED = re.compile(rb"Received: [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*")


def queued(message_id: str) -> list[Message]:
    """Each time that the mail stands in the queue."""
    return list(Message.objects.filter(message_id=message_id).select_related("content"))


def the_only(mail: Mail) -> Message:
    """The mail in the queue, where it has to be exactly once."""
    (message,) = queued(mail.message_id)
    return message


def as_submitted(message: Message) -> bytes:
    """What is to be relayed, without the Received field that is put in front."""
    body = bytes(message.content.body)
    received = _RECEIVED.match(body)
    assert received, body[:500]
    return body[received.end() :]


def recipients_of(message: Message) -> list[str]:
    return sorted(message.deliveries.values_list("recipient", flat=True))
