"""A next hop that answers each recipient as real ones do; which way, its local part says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.journeys.sink import Sink, listening

REFUSALS = {
    "gone": "550 5.1.1 The email account that you tried to reach does not exist",
    "former": "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table",
    "full": "452 4.2.2 The recipient's mailbox is full, try again later",
    "grey": "450 4.7.1 Greylisted, please try again in 300 seconds",
    "blocked": "554 5.7.1 Message rejected as spam by content filtering",
    "closed": "550 5.2.1 This mailbox is disabled",
}
"""By the beginning of a recipient's local part: the reply to RCPT."""


@dataclass
class NextHop(Sink):
    """Takes everything else, and what has been mended."""

    mended: set[str] = field(default_factory=set)
    """Recipients."""

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        for beginning, reply in REFUSALS.items():
            if address.startswith(beginning) and address not in self.mended:
                return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"


@contextmanager
def running_next_hop(port: int) -> Iterator[NextHop]:
    next_hop = NextHop(port)
    with listening(next_hop):
        yield next_hop
