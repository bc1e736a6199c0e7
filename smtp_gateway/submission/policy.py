"""Decides whether a complete message may go out as its sender. Pure: a verdict is a value."""

from dataclasses import dataclass

from smtp_gateway.submission import replies
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.from_header import Finding, read_mailbox
from smtp_gateway.submission.message import Message
from smtp_gateway.submission.replies import Reply

# RFC 5321 section 6.3 asks for a large number, at least 100.
MAX_HOPS = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is refused: a stable code for logs, and what the client is told."""

    code: str
    reply: Reply


def judge(message: Message | None, *, sender_address: str) -> Refusal | None:
    """None: it may go out. `message` is None where the header could not be read."""
    if message is None:
        return Refusal("header-malformed", replies.HEADER_MALFORMED)
    if len(message.named(b"received")) > MAX_HOPS:
        return Refusal("too-many-hops", replies.TOO_MANY_HOPS)
    return _judge_from([field.value for field in message.named(b"from")], sender_address)


def _judge_from(values: list[str], sender_address: str) -> Refusal | None:
    if len(values) > 1:
        return Refusal("from-twice", replies.FROM_TWICE)
    if not values or not values[0]:
        return Refusal("from-missing", replies.FROM_MISSING)
    mailbox = read_mailbox(values[0])
    if mailbox is Finding.SEVERAL:
        return Refusal("from-several-addresses", replies.from_several_addresses(sender_address))
    if mailbox is Finding.MALFORMED:
        return Refusal("from-malformed", replies.from_malformed(sender_address))
    if normalize(mailbox) != sender_address:
        return Refusal("from-not-sender", replies.from_not_sender(sender_address))
    return None
