"""Who is let in: the hosts, the addresses at them, and what may be said there. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.policy import compat32
from typing import Literal

from smtp_gateway.inbound import replies
from smtp_gateway.mail_text import header_text
from smtp_gateway.return_path.address import COMPLAINTS, POSTMASTER, opened
from smtp_gateway.returns.reading.feedback import read_feedback
from smtp_gateway.returns.reading.parts import take_apart
from smtp_gateway.submission.replies import Reply, too_large

OPT_OUTS = "unsubscribe"
"""The mailbox of List-Unsubscribe links: the token stands in the subject, as it is too long."""
_HEAD_BYTES = 64 * 1024
_MOST_SUBJECT_CHARS = 8000
"""A token has 2,000 at most; each can take three in an encoded word."""

MOST_POSTMASTER_BYTES = 64 * 1024
"""What a server has to take at least (RFC 5321 section 4.5.3.1.7): whoever has more may say so."""

Kind = Literal["report", "complaint", "opt-out", "postmaster"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An address that takes mail."""

    address: str
    kind: Kind
    delivery_id: int | None = None
    """Of a return path: what it is about."""


@dataclass(frozen=True, slots=True)
class Door:
    """What holds at this moment."""

    hosts: Collection[str]
    """In A-labels and lower case."""
    keys: Sequence[bytes]
    is_opt_out: Callable[[str], bool]
    """Whether a subject is that of one of our links."""

    def entry(self, local_part: str, domain: str, today: date) -> Entry | Reply:
        """What a recipient stands for, or why it is refused. `today`: by UTC."""
        if domain.lower() not in self.hosts:
            return replies.NOT_OUR_HOST
        address, name = f"{local_part}@{domain}", local_part.lower()
        if name == COMPLAINTS:
            return Entry(address, "complaint")
        if name == OPT_OUTS:
            return Entry(address, "opt-out")
        if name == POSTMASTER:
            return Entry(address, "postmaster")
        token = opened(local_part, self.keys)
        if token is None:
            return replies.UNKNOWN_RECIPIENT
        if token.is_expired(today):
            return replies.EXPIRED_RECIPIENT
        return Entry(address, "report", token.delivery_id)

    def refusal(self, content: bytes, entries: Sequence[Entry]) -> Reply | None:
        """Of a complete mail. What comes to a return path is taken whatever it says: that its
        token is ours is enough, and what nobody can read has to be seen.
        """
        kinds = {entry.kind for entry in entries}
        if "complaint" in kinds and not _is_feedback_report(content):
            return replies.NO_COMPLAINT
        if "opt-out" in kinds and not self.is_opt_out(subject_of(content)):
            return replies.NO_OPT_OUT
        if "postmaster" in kinds and len(content) > MOST_POSTMASTER_BYTES:
            return too_large(MOST_POSTMASTER_BYTES)
        return None


def _is_feedback_report(content: bytes) -> bool:
    """As a worker reads it later: its part comes before the mail that it is about (RFC 5965)."""
    return read_feedback(take_apart(content[:_HEAD_BYTES])) is not None


def subject_of(content: bytes) -> str:
    """The Subject field on one line, decoded; empty: there is none.

    Programs fold a long token by encoding it, as two words or more that are one (RFC 2047 section
    6.2).
    """
    header = content[:_HEAD_BYTES].partition(b"\r\n\r\n")[0]
    value = message_from_bytes(header, policy=compat32).get("Subject", "")
    return header_text(str(value)[:_MOST_SUBJECT_CHARS])
