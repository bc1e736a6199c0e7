"""Submits one mail through the gateway as an application would, while somebody listens in.

The password is held for as long as that takes, and nowhere else.
"""

import asyncio
import re
from collections.abc import Generator
from dataclasses import dataclass

from smtp_gateway.relay.classify import Ending, Fault
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.protection import Protection
from smtp_gateway.relay.session import FAULTS, Ended, Session, Timeouts, ended, open_session
from smtp_gateway.relay.stage import Stage
from smtp_gateway.routes.trial.dialogue import Listener, Said
from smtp_gateway.routes.trial.streaming import as_it_happens

WHOLE_SECONDS = 45.0
# A gateway says no within a second; a log-in may wait 20 seconds for its turn.
_TIMEOUTS = Timeouts(connect=10, reply=25, data_block=10, final_dot=25, handshake=10)
_QUIT_SECONDS = 3.0
_QUEUED = re.compile(r"2\.0\.0 Ok: queued as ([0-9A-Z]{16})\Z")


@dataclass(frozen=True, slots=True)
class Check:
    """Where, as whom, and what. `gateway` has user name and password of the sender address."""

    gateway: NextHop
    protection: Protection
    our_name: str
    recipient: str
    mail: bytes
    """Complete, its lines ended by CR LF."""
    beginning: str
    """What is done first, in a sentence."""
    whole_seconds: float = WHOLE_SECONDS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What it came to: the mail's queue id, or where and how it ended."""

    queue_id: str = ""
    ending: Ending | None = None


def run(check: Check) -> Generator[Said | Outcome]:
    """What is said, as it is said, and last the outcome. Runs in the calling thread."""

    async def talk(listener: Listener) -> Outcome:
        listener.event(check.beginning)
        try:
            async with asyncio.timeout(check.whole_seconds):
                return await _submit(check)
        except Ended as end:
            return Outcome(ending=end.ending)
        except TimeoutError:
            return Outcome(ending=Ending(Stage.FINAL_DOT, fault=Fault.TIMEOUT))

    return as_it_happens(talk, check.gateway)


async def _submit(check: Check) -> Outcome:
    session = await open_session(
        check.gateway, our_name=check.our_name, timeouts=_TIMEOUTS, protection=check.protection
    )
    try:
        outcome = await _send(session, check)
        await _take_leave(session)
    finally:
        session.wire.abort()
    return outcome


async def _send(session: Session, check: Check) -> Outcome:
    commands = (
        (Stage.MAIL, f"MAIL FROM:<{check.gateway.user}>"),
        (Stage.RCPT, f"RCPT TO:<{check.recipient}>"),
        (Stage.DATA, "DATA"),
    )
    for stage, command in commands:
        reply = await session.command(stage, command)
        if reply.kind not in (2, 3):
            return Outcome(ending=Ending(stage, reply))
    # Dots are doubled (RFC 5321 section 4.5.2).
    content = (b"\r\n" + check.mail).replace(b"\r\n.", b"\r\n..")[2:]
    try:
        await session.wire.write_all(content + b".\r\n", _TIMEOUTS.data_block)
    except FAULTS as fault:
        raise ended(Stage.FINAL_DOT, fault) from None
    reply = await session.reply(Stage.FINAL_DOT, _TIMEOUTS.final_dot)
    queued = _QUEUED.search(str(reply))
    return Outcome(queued[1]) if queued else Outcome(ending=Ending(Stage.FINAL_DOT, reply))


async def _take_leave(session: Session) -> None:
    try:
        session.wire.write(b"QUIT\r\n")
        await session.wire.reply(_QUIT_SECONDS)
    except FAULTS:
        # Everything was said by then.
        return
