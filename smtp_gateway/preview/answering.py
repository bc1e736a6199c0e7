"""The whole answer, section by section, in the order in which things would happen."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from senders.models import SenderAddress
from smtp_gateway.preview.changes import change_lines
from smtp_gateway.preview.door import (
    address_lines,
    content_lines,
    quota_lines,
    recipient_lines,
    recipients_of,
)
from smtp_gateway.preview.receivers import receiver_lines
from smtp_gateway.preview.values import Asked, Line, Section
from smtp_gateway.preview.way import retry_lines, route_lines, turn_lines
from smtp_gateway.submission.judging import judged
from smtp_gateway.submission.policy import Refusal


def answer(sender: SenderAddress, asked: Asked) -> list[Section]:
    """What is refused goes no further, so nothing is said of what comes behind it."""
    return list(_sections(sender, asked))


def _sections(sender: SenderAddress, asked: Asked) -> Iterator[Section]:
    door, going = _door(sender, asked)
    yield Section("door", _("At the gateway"), door)
    if going is None:
        return
    message = judged(going.content, sender_address=going.address, policy=going.sender.policy)
    if isinstance(message, Refusal):
        return
    yield Section("mail", _("What is added and removed"), [*change_lines(message, going)])
    yield Section("way", _("The way it takes"), [*route_lines(going)])
    yield Section("turn", _("When it leaves"), [*turn_lines(going), *retry_lines(going)])
    yield Section("receivers", _("How receivers see it"), [*receiver_lines(going)])


def _door(sender: SenderAddress, asked: Asked) -> tuple[list[Line], Asked | None]:
    """What is said as far as the dialogue gets, and what goes on, with the recipients that are
    left; None: nothing does.
    """
    lines = [*address_lines(sender, asked)]
    if _is_refused(lines):
        return lines, None
    found = recipients_of(asked)
    lines += recipient_lines(found, asked)
    if not found.paths:
        return lines, None
    going = replace(asked, recipients=[path.address for path in found.paths])
    lines += quota_lines(going)
    content = [*content_lines(going)]
    return lines + content, None if _is_refused(content) else going


def _is_refused(lines: Sequence[Line]) -> bool:
    return any(line.kind == "bad" for line in lines)
