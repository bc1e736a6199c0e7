"""Decides whether a complete message may go out as its sender. Pure: a verdict is a value."""

import re
from dataclasses import dataclass

from smtp_gateway.submission import replies
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.from_header import Finding, read_mailbox
from smtp_gateway.submission.header_rules import field_given_twice, is_looping
from smtp_gateway.submission.message import Message
from smtp_gateway.submission.replies import Reply

_PLAIN_NAME = re.compile(r"[A-Za-z0-9 ]*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is refused: a stable code for logs, and what the client is told."""

    code: str
    reply: Reply


MALFORMED = Refusal("header-malformed", replies.HEADER_MALFORMED)
BARE_CONTROLS = Refusal("bare-controls", replies.BARE_CONTROLS)
HEADER_TOO_LARGE = Refusal("header-too-large", replies.HEADER_TOO_LARGE)


def judge(message: Message | None, *, sender_address: str) -> Refusal | None:
    """None: it may go out. `message` is None where the header could not be read."""
    if message is None:
        return MALFORMED
    if is_looping(message.names):
        return Refusal("too-many-hops", replies.TOO_MANY_HOPS)
    if refusal := _judge_from(message.values(b"from"), sender_address):
        return refusal
    if name := field_given_twice(message.names):
        return Refusal("header-twice", replies.header_twice(name))
    if b"sender" in message.names:
        return _judge_sender(message.first_value(b"sender"), sender_address)
    return None


def _judge_sender(value: str, sender_address: str) -> Refusal | None:
    """RFC 5322 section 3.6.2: who handed the mail in, which is whoever has logged in."""
    mailbox = read_mailbox(value)
    if isinstance(mailbox, str) and normalize(mailbox) == sender_address:
        return None
    return Refusal("sender-header-not-sender", replies.sender_header_not_sender(sender_address))


def _judge_from(values: list[str], sender_address: str) -> Refusal | None:
    if len(values) > 1:
        return Refusal("from-twice", replies.FROM_TWICE)
    if not values or not values[0]:
        return Refusal("from-missing", replies.FROM_MISSING)
    if values[0] == sender_address or values[0].endswith(f"<{sender_address}>"):
        # The usual case, told by a rule that anybody reads alike.
        name = values[0].removesuffix(f"<{sender_address}>")
        if name == values[0] or _PLAIN_NAME.match(name):
            return None
    mailbox = read_mailbox(values[0])
    if mailbox is Finding.SEVERAL:
        return Refusal("from-several-addresses", replies.from_several_addresses(sender_address))
    if mailbox is Finding.MALFORMED:
        return Refusal("from-malformed", replies.from_malformed(sender_address))
    if normalize(mailbox) != sender_address:
        return Refusal("from-not-sender", replies.from_not_sender(sender_address))
    return None
