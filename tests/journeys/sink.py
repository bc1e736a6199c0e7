"""A next hop that remembers what it takes, and waits where a test says: stock aiosmtpd, so not our
own code.
"""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Moment = Literal["data", "taken"]
"""DATA was asked for and nothing of the content has come; or all of it is here, unanswered."""
_LONGEST_SECONDS = 120


@dataclass(frozen=True)
class TakenMail:
    """One mail as the next hop got it."""

    mail_from: str
    recipients: tuple[str, ...]
    content: bytes
    at: float = field(default_factory=time.monotonic)

    def header(self, name: bytes) -> bytes:
        """The value of the first such header; empty: there is none."""
        for line in self.content.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            if line.lower().startswith(name.lower() + b":"):
                return line.partition(b":")[2].strip()
        return b""


@dataclass
class Hold:
    """The sink says nothing at this moment of the mails to recipients with `mark` in their name."""

    moment: Moment
    mark: str
    reached: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)


@dataclass
class Sink:
    """What arrived so far, in order."""

    port: int = 0
    taken: list[TakenMail] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.take(envelope)
        await self.pause("taken", envelope.rcpt_tos)
        return "250 2.0.0 taken"

    def take(self, envelope: Envelope) -> None:
        mail_from, recipients = envelope.mail_from or "", tuple(envelope.rcpt_tos)
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(TakenMail(mail_from, recipients, content))

    def arrivals(self, recipient: str) -> int:
        """How often a mail to `recipient` was taken."""
        return sum(recipient in mail.recipients for mail in list(self.taken))

    @contextmanager
    def holding(self, moment: Moment, mark: str) -> Iterator[Hold]:
        """Goes on at the end of the block at the latest."""
        hold = Hold(moment, mark)
        self.holds.append(hold)
        try:
            yield hold
        finally:
            hold.goes_on.set()
            self.holds.remove(hold)

    async def pause(self, moment: Moment, recipients: Sequence[str]) -> None:
        for hold in list(self.holds):
            if hold.moment == moment and any(hold.mark in each for each in recipients):
                hold.reached.set()
                await asyncio.to_thread(hold.goes_on.wait, _LONGEST_SECONDS)


class _Server(SMTP):
    """Asks the sink before it says 354."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - named by aiosmtpd
        await self.event_handler.pause("data", self.envelope.rcpt_tos if self.envelope else [])
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def listening(sink: Sink) -> Iterator[Sink]:
    """The sink on its loopback port while the block runs."""
    controller = _Controller(
        sink, hostname="127.0.0.1", port=sink.port, server_hostname="sink.test"
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@contextmanager
def running_sink(port: int) -> Iterator[Sink]:
    """One that takes everything."""
    with listening(Sink(port)) as sink:
        yield sink
