"""What is asked, and what is answered: sections of lines. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from smtp_gateway.identity import Sender
from smtp_gateway.submission.replies import Reply

Kind = Literal["ok", "info", "wait", "bad"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that would happen. `wait`: not now; `bad`: not at all."""

    kind: Kind
    title: str
    text: str = ""
    code: str = ""
    """What would be said or written, to the letter."""
    advice: str = ""
    """What to change."""
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together."""

    name: str
    title: str
    lines: Sequence[Line]

    @property
    def is_refused(self) -> bool:
        return any(line.kind == "bad" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that somebody might submit."""

    sender: Sender
    """As the gateway sees it."""
    recipients: Sequence[str]
    """As they were typed."""
    content: bytes
    size_bytes: int
    now: datetime

    @property
    def address(self) -> str:
        return self.sender.address

    @property
    def mail_type(self) -> str:
        return self.sender.mail_type

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def said(reply: Reply) -> str:
    """As it goes over the wire."""
    return f"{reply.code} {reply.enhanced} {reply.text}"
