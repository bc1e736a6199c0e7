"""Decides whether a complete message may go out as its sender. Pure: a verdict is a value."""

import logging
import re
from dataclasses import dataclass

from smtp_gateway.mail_policy import MailPolicy
from smtp_gateway.submission import replies
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.from_header import Finding, read_mailbox
from smtp_gateway.submission.header_rules import field_given_twice, is_looping
from smtp_gateway.submission.lifetime_header import asked_lifetime, is_asked
from smtp_gateway.submission.message import Message
from smtp_gateway.submission.replies import Reply

_ANY = MailPolicy()
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 ]*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is refused: a stable code for logs, and what the client is told."""

    code: str
    reply: Reply
    log_level: int = logging.INFO


MALFORMED = Refusal("header-malformed", replies.HEADER_MALFORMED)
BARE_CONTROLS = Refusal("bare-controls", replies.BARE_CONTROLS)
# The one that an operator can do something about.
NO_MEMORY = Refusal("no-memory", replies.INSUFFICIENT_STORAGE, logging.WARNING)
HEADER_TOO_LARGE = Refusal("header-too-large", replies.HEADER_TOO_LARGE)


def judge(
    message: Message | None, *, sender_address: str, policy: MailPolicy = _ANY
) -> Refusal | None:
    """None: it may go out. `message` is None where the header could not be read."""
    if message is None:
        return MALFORMED
    if is_looping(message.names):
        return Refusal("too-many-hops", replies.TOO_MANY_HOPS)
    if refusal := _judge_from(message.values(b"from"), sender_address):
        return refusal
    if name := field_given_twice(message.names):
        return Refusal("header-twice", replies.header_twice(name))
    if b"sender" in message.names and (
        refusal := _judge_sender(message.first_value(b"sender"), sender_address)
    ):
        return refusal
    if policy.reply_to == "require" and b"reply-to" in message.names:
        refusal = _judge_reply_to(message.first_value(b"reply-to"), sender_address, policy)
        if refusal:
            return refusal
    return _judge_lifetime(message, policy) if is_asked(message) else None


def _judge_reply_to(value: str, sender_address: str, policy: MailPolicy) -> Refusal | None:
    """As the choice of this sender address has it: the proven address, or none in the mail."""
    if not policy.verified_reply_to:
        reply = replies.reply_to_not_verified(sender_address)
        return Refusal("reply-to-not-verified", reply)
    mailbox = read_mailbox(value)
    if isinstance(mailbox, str) and normalize(mailbox) == policy.verified_reply_to:
        return None
    reply = replies.reply_to_not_yours(policy.verified_reply_to)
    return Refusal("reply-to-not-verified", reply)


def _judge_lifetime(message: Message, policy: MailPolicy) -> Refusal | None:
    if not policy.takes_lifetime_header:
        return Refusal("lifetime-not-allowed", replies.LIFETIME_NOT_ALLOWED)
    if asked_lifetime(message, policy.lifetime) is None:
        longest = int(policy.lifetime.total_seconds())
        return Refusal("lifetime-out-of-bounds", replies.lifetime_out_of_bounds(longest))
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
