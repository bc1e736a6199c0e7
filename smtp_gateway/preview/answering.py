"""The whole answer, section by section, in the order in which things would happen."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from senders.models import SenderAddress
from smtp_gateway.preview.changes import change_lines
from smtp_gateway.preview.door import address_lines, content_lines, quota_lines, recipient_lines
from smtp_gateway.preview.receivers import receiver_lines
from smtp_gateway.preview.values import Asked, Section
from smtp_gateway.preview.way import retry_lines, route_lines, turn_lines
from smtp_gateway.submission.judging import judged
from smtp_gateway.submission.policy import Refusal


def answer(sender: SenderAddress, asked: Asked) -> list[Section]:
    """What is refused goes no further, so nothing is said of what comes behind it."""
    return list(_sections(sender, asked))


def _sections(sender: SenderAddress, asked: Asked) -> Iterator[Section]:
    door = [
        *address_lines(sender, asked),
        *recipient_lines(asked),
        *quota_lines(asked),
        *content_lines(asked),
    ]
    yield Section("door", _("At the gateway"), door)
    message = judged(asked.content, sender_address=asked.address, policy=asked.sender.policy)
    if isinstance(message, Refusal):
        return
    yield Section("mail", _("What is added and removed"), [*change_lines(message, asked)])
    yield Section("way", _("The way it takes"), [*route_lines(asked)])
    yield Section("turn", _("When it leaves"), [*turn_lines(asked), *retry_lines(asked)])
    yield Section("receivers", _("How receivers see it"), [*receiver_lines(asked)])
