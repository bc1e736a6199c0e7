"""A next hop with faults: it refuses for good, for now, hangs up before it has a mail, and after.

Which, is written in a recipient's name: `r17@…` by 17. Each is done once, but for the bounce.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.journeys.sink import Sink, listening

_NUMBER = re.compile(r"r(\d+)@")
_EVERY = 100
# Fewer than what alarms, and slows a sender address down.
_REFUSED, _GREYLISTED = {3, 53}, {5, 30, 55, 80}
_BUSY, _HUNG_UP_BEFORE, _HUNG_UP_AFTER = {9}, {12}, {21}


@dataclass
class FaultySink(Sink):
    """Also counts what it did; "hung up after" are mails that it took and did not answer."""

    seconds: float = 0.0
    """How long it takes for each mail."""
    faults: Counter[str] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)

    async def handle_EHLO(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        session.host_name = name
        # It reads command after command, so it may say so.
        return [*replies[:-1], "250-PIPELINING", replies[-1]]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if _place(address) in _REFUSED:
            self.faults["refused"] += 1
            return "550 5.1.1 No such user"
        if self._is_first("greylisted", [address], _GREYLISTED):
            return "450 4.2.0 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipients = envelope.rcpt_tos
        await asyncio.sleep(self.seconds)
        if self._is_first("busy", recipients, _BUSY):
            return "451 4.3.0 Busy, try again later"
        if self._is_first("hung up before", recipients, _HUNG_UP_BEFORE):
            return hang_up(server)
        self.take(envelope)
        if self._is_first("hung up after", recipients, _HUNG_UP_AFTER):
            return hang_up(server)
        return "250 2.0.0 taken"

    def _is_first(self, fault: str, recipients: list[str], places: set[int]) -> bool:
        hit = {each for each in recipients if _place(each) in places} - self.done
        self.done |= hit
        self.faults[fault] += bool(hit)
        return bool(hit)


def is_refused(recipient: str) -> bool:
    """Whether every mail to it bounces."""
    return _place(recipient) in _REFUSED


def hang_up(server: SMTP) -> str:
    """The reply that nobody hears."""
    server.transport.abort()
    return "421 4.3.2 Bye"


def _place(recipient: str) -> int:
    found = _NUMBER.match(recipient)
    # DirectMail's own mail, to operators, has no number.
    return int(found.group(1)) % _EVERY if found else -1


@contextmanager
def running_faulty_sink(port: int, *, seconds: float = 0.0) -> Iterator[FaultySink]:
    """One that does to a tenth of all recipients what next hops do."""
    sink = FaultySink(port, seconds=seconds)
    with listening(sink):
        yield sink
