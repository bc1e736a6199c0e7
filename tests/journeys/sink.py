"""A next hop that takes everything and remembers it: stock aiosmtpd, so not our own code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class TakenMail:
    """One mail as the next hop got it."""

    mail_from: str
    recipients: tuple[str, ...]
    content: bytes

    def header(self, name: bytes) -> bytes:
        """The value of the first such header; empty: there is none."""
        for line in self.content.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            if line.lower().startswith(name.lower() + b":"):
                return line.partition(b":")[2].strip()
        return b""


@dataclass
class Sink:
    """What arrived so far, in order."""

    port: int = 0
    taken: list[TakenMail] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(
            TakenMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content or b"")
        )
        return "250 2.0.0 taken"


@contextmanager
def running_sink(port: int) -> Iterator[Sink]:
    """A sink on a loopback port while the block runs."""
    sink = Sink(port)
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="sink.test")
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
