"""Tests a route: a session is opened as the relay opens it, listened to, and judged.

Never gets as far as DATA. Speaks SMTP and nothing else, since a route may name any host and port.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from smtp_gateway.relay.classify import Ending, Stage
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.session import FAULTS, Ended, Session, Timeouts, open_session
from smtp_gateway.routes.trial.dialogue import Listener, Said
from smtp_gateway.routes.trial.finding import Finding, finding_of, took_too_long, works
from smtp_gateway.routes.trial.streaming import as_it_happens

WHOLE_SECONDS = 30.0
TIMEOUTS = Timeouts(connect=10, reply=10)
_QUIT_SECONDS = 3.0

Tell = Callable[[str], None]
"""Says what happens beside the dialogue, a sentence."""
Open = Callable[[Timeouts, Tell], Awaitable[Session]]
"""Opens a session in the current context. Raises Ended."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tested: a next hop, and with a recipient also whether its mail would be taken."""

    hop: NextHop
    """Whom it is about, until a session says whom it reached."""
    beginning: str
    """What is done first, in a sentence."""
    open: Open
    mail_from: str = ""
    recipient: str = ""
    timeouts: Timeouts = TIMEOUTS
    whole_seconds: float = WHOLE_SECONDS
    judge: Callable[[Ending, NextHop], Finding] = finding_of


def smarthost_trial(
    hop: NextHop, *, our_name: str, mail_from: str, recipient: str, timeouts: Timeouts = TIMEOUTS
) -> Trial:
    """A test of a smarthost."""

    async def open_it(timeouts: Timeouts, _tell: Tell) -> Session:
        return await open_session(hop, our_name=our_name, timeouts=timeouts)

    beginning = _("Connecting to %(gateway)s.") % {"gateway": hop}
    return Trial(hop, beginning, open_it, mail_from, recipient, timeouts)


def run(trial: Trial) -> Generator[Said | Finding]:
    """What is said, as it is said, and last the finding. Runs in the calling thread."""
    return as_it_happens(functools.partial(_judged, trial), trial.hop)


async def _judged(trial: Trial, listener: Listener) -> Finding:
    listener.event(trial.beginning)
    try:
        async with asyncio.timeout(trial.whole_seconds):
            return await _converse(trial, listener.event)
    except Ended as ended:
        return trial.judge(ended.ending, ended.hop or trial.hop)
    except TimeoutError:
        return took_too_long(trial.whole_seconds)


async def _converse(trial: Trial, tell: Tell) -> Finding:
    session = await trial.open(trial.timeouts, tell)
    tls = session.tls
    try:
        refusal = await _envelope(session, trial) if trial.recipient else None
        await _take_leave(session)
    finally:
        session.wire.abort()
    if refusal is not None:
        return trial.judge(refusal, session.hop)
    return works(tls=tls, user=session.hop.user, recipient=trial.recipient)


async def _envelope(session: Session, trial: Trial) -> Ending | None:
    """What was refused of MAIL and RCPT; None: nothing."""
    commands = (
        (Stage.MAIL, f"MAIL FROM:<{trial.mail_from}>"),
        (Stage.RCPT, f"RCPT TO:<{trial.recipient}>"),
    )
    for stage, command in commands:
        reply = await session.command(stage, command)
        if reply.kind != 2:
            return Ending(stage, reply)
    await session.command(Stage.RCPT, "RSET")
    return None


async def _take_leave(session: Session) -> None:
    try:
        session.wire.write(b"QUIT\r\n")
        await session.wire.reply(_QUIT_SECONDS)
    except FAULTS:
        # Some servers close without an answer; everything was said by then.
        return
