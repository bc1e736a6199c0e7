"""Opening an SMTP session with a next hop: greeting, EHLO, TLS, log-in (RFC 5321, 3207, 4954)."""

import asyncio
import base64
import socket
import ssl
import time
from dataclasses import dataclass, field

from smtp_gateway.relay.classify import Ending, Fault, Stage
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.noting import end_note
from smtp_gateway.relay.protection import Protection, TlsResult, protection_of, tls_context
from smtp_gateway.relay.reply import BadReply, Reply
from smtp_gateway.relay.wire import ConnectionLost, Wire, make_wire
from smtp_gateway.relay_transcripts.notes import (
    NO_OPENING,
    Event,
    Note,
    Opening,
    secrets_of,
    without_response,
)

FAULTS = (TimeoutError, ConnectionLost, BadReply)
"""What can happen to a connection."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long the next hop may take, in seconds; RFC 5321 section 4.5.3.2 asks for no less."""

    connect: float = 30
    reply: float = 300
    data_block: float = 180
    final_dot: float = 600
    handshake: float = 30


class Ended(Exception):
    """The conversation cannot go on; `ending` says how it ended, `hop` with whom, if known."""

    def __init__(self, ending: Ending, hop: NextHop | None = None) -> None:
        super().__init__(ending)
        self.ending, self.hop = ending, hop
        self.opening = NO_OPENING
        """What was said, where it ended before any mail."""


@dataclass
class Session:
    """An open conversation, ready for mail."""

    hop: NextHop
    wire: Wire
    timeouts: Timeouts
    extensions: dict[str, str] = field(default_factory=dict)
    """What EHLO offered, upper-case, with parameters."""
    tls_result: TlsResult = "none"
    """How far the connection proves whom we talk to."""
    mails: int = 0
    """Mails begun in this session."""
    must_reset: bool = False
    is_over: bool = False
    """The next hop said that it closes (421), or something went wrong."""
    is_unanswered: bool = False
    """The next hop has a mail completely, and has not said whether it takes it."""
    is_quick: bool = False
    """The next hop answered its last mail at once."""
    ahead: object = None
    """The mail whose commands have gone out behind the one before."""
    ahead_note: Note | None = None
    """These commands."""
    opening: Opening = NO_OPENING
    notes: list[Note] = field(default_factory=list)
    """What is said now: in the opening, then in the transaction under way."""
    opened_at: float = field(default_factory=time.monotonic)

    @property
    def tls(self) -> str:
        return self.wire.tls

    async def command(self, stage: Stage, line: str) -> Reply:
        """Sends one command and returns its reply. Raises Ended."""
        try:
            self.wire.write(f"{line}\r\n".encode())
        except FAULTS as fault:
            raise ended(stage, fault) from None
        if stage is Stage.AUTH:
            line = without_response(line, is_first=line.startswith("AUTH "))
        self.note(line)
        return await self.reply(stage, self.timeouts.reply)

    async def reply(self, stage: Stage, seconds: float) -> Reply:
        """The next reply. Raises Ended."""
        try:
            reply = await self.wire.reply(seconds)
        except FAULTS as fault:
            raise ended(stage, fault) from None
        self.notes.append((time.monotonic(), reply))
        return reply

    def waiting_reply(self) -> Reply | None:
        """A reply that is there already."""
        reply = self.wire.waiting_reply()
        if reply is not None:
            self.notes.append((time.monotonic(), reply))
        return reply

    def note(self, what: str | Event) -> None:
        """Remembers a command, without secrets, or what happened."""
        self.notes.append((time.monotonic(), what))

    def close(self) -> None:
        """Says QUIT and does not wait for the answer: every mail has had its own."""
        if self.is_over or not self.wire.is_usable:
            self.wire.abort()
            return
        self.wire.write(b"QUIT\r\n")
        self.wire.close()


def ended(stage: Stage, fault: Exception) -> Ended:
    """What one of FAULTS means at `stage`."""
    match fault:
        case TimeoutError():
            return Ended(Ending(stage, fault=Fault.TIMEOUT))
        case BadReply():
            return Ended(Ending(stage, fault=Fault.PROTOCOL, detail=str(fault)))
    return Ended(Ending(stage, fault=Fault.LOST, detail=str(fault)))


async def open_session(
    hop: NextHop, *, our_name: str, timeouts: Timeouts, protection: Protection | None = None
) -> Session:
    """A session with `hop`, protected and logged in as it asks for. Raises Ended, with the hop.

    `protection` stands in for what the hop itself says about TLS.
    """
    protection = protection or protection_of(hop)
    secrets = secrets_of(hop.user, hop.password)
    notes: list[Note] = [(time.monotonic(), Event("connecting", str(hop)))]
    try:
        wire = await _connect(hop, timeouts, protection)
        session = Session(hop, wire, timeouts, notes=notes)
        session.note(Event("connected", wire.peer))
        if wire.tls:
            session.note(Event("tls", wire.tls))
        try:
            await _greet(session, our_name, protection)
        except BaseException:
            session.wire.abort()
            raise
    except Ended as ended:
        notes += end_note(ended.ending)
        ended.hop, ended.opening = hop, Opening(notes, secrets)
        raise
    session.tls_result = protection.result if session.tls else "none"
    session.opening = Opening(notes, secrets)
    return session


async def _greet(session: Session, our_name: str, protection: Protection) -> None:
    _expect(Stage.GREETING, await session.reply(Stage.GREETING, session.timeouts.reply))
    await _hello(session, our_name)
    if await _start_tls(session, protection):
        # By TLS 1.3 a server may refuse the handshake only after we had ended it.
        await _hello(session, our_name, behind=Stage.STARTTLS)
    if session.hop.user:
        await _log_in(session)


async def _connect(hop: NextHop, timeouts: Timeouts, protection: Protection) -> Wire:
    is_implicit = protection.security is Security.IMPLICIT
    context = tls_context(protection.verify, protection.ca_file) if is_implicit else None
    try:
        async with asyncio.timeout(timeouts.connect):
            return await _reach(hop, context, protection.server_name or hop.host)
    except TimeoutError:
        detail = f"no answer within {timeouts.connect:g} seconds"
        raise Ended(Ending(Stage.CONNECT, fault=Fault.UNREACHABLE, detail=detail)) from None
    except ssl.SSLError as error:
        raise _tls_failed(Stage.CONNECT, error, protection) from None
    except OSError as error:
        detail = (error.strerror or str(error)).lower()
        raise Ended(Ending(Stage.CONNECT, fault=Fault.UNREACHABLE, detail=detail)) from None


async def _reach(hop: NextHop, context: ssl.SSLContext | None, server_name: str) -> Wire:
    """A connection from the right address. Raises OSError."""
    loop = asyncio.get_running_loop()
    host, name = hop.ip or hop.host, server_name if context else None
    if not hop.source_ipv4 and not hop.source_ipv6:
        _, wire = await loop.create_connection(
            make_wire.get(), host, hop.port, ssl=context, server_hostname=name
        )
        return wire
    fault = OSError("no address")
    for family, *_, address in await loop.getaddrinfo(host, hop.port, type=socket.SOCK_STREAM):
        source = hop.source(family)
        try:
            _, wire = await loop.create_connection(
                make_wire.get(), str(address[0]), hop.port, ssl=context, server_hostname=name,
                local_addr=source,
            )  # fmt: skip
        except OSError as error:
            fault = error
        else:
            return wire
    raise fault


async def _hello(session: Session, our_name: str, behind: Stage = Stage.HELLO) -> None:
    """`behind`: the stage that a lost connection is put down to."""
    reply = await session.command(behind, f"EHLO {our_name}")
    if reply.kind == 5:
        # A server from before 1995, or a very plain one (RFC 5321 section 3.2).
        session.extensions = {}
        _expect(Stage.HELLO, await session.command(Stage.HELLO, f"HELO {our_name}"))
        return
    _expect(Stage.HELLO, reply)
    offers = (line.replace("AUTH=", "AUTH ").partition(" ") for line in reply.lines[1:])
    session.extensions = {name.upper(): parameters for name, _, parameters in offers}


async def _start_tls(session: Session, protection: Protection) -> bool:
    """Whether TLS was started just now."""
    security, offered = protection.security, "STARTTLS" in session.extensions
    if security is Security.REQUIRED and not offered:
        who = protection.required_by or "its route"
        detail = f"it offers no STARTTLS, and {who} requires it"
        raise Ended(Ending(Stage.STARTTLS, fault=Fault.TLS, detail=detail))
    if security not in (Security.REQUIRED, Security.WHEN_OFFERED) or not offered:
        return False
    reply = await session.command(Stage.STARTTLS, "STARTTLS")
    if reply.kind != 2 and protection.required_by:
        raise _tls_ended(Stage.STARTTLS, f"it refused to start TLS ({reply})", protection)
    _expect(Stage.STARTTLS, reply)
    await _shake_hands(session, protection)
    return True


async def _shake_hands(session: Session, protection: Protection) -> None:
    context = tls_context(protection.verify, protection.ca_file)
    name = protection.server_name or session.hop.host
    try:
        await session.wire.start_tls(context, name, session.timeouts.handshake)
        wrong = protection.fault_of(session.wire.peer_chain)
    except FAULTS as fault:
        raise ended(Stage.STARTTLS, fault) from None
    except OSError as error:
        raise _tls_failed(Stage.STARTTLS, error, protection) from None
    session.note(Event("tls", session.tls))
    if wrong:
        raise _tls_ended(Stage.STARTTLS, wrong, protection)


async def _log_in(session: Session) -> None:
    if not session.tls and not session.wire.peer_is_loopback:
        detail = (
            "its route has a password, and the connection is not protected; choose TLS from the"
            " start, or a server that offers STARTTLS"
        )
        raise Ended(Ending(Stage.AUTH, fault=Fault.AUTH, detail=detail))
    user, password = session.hop.user, session.hop.password
    mechanisms = session.extensions.get("AUTH", "").upper().split()
    if "PLAIN" in mechanisms:
        steps = [f"AUTH PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}"]
    elif "LOGIN" in mechanisms:
        steps = ["AUTH LOGIN", _base64(user), _base64(password)]
    else:
        detail = "it offers neither AUTH PLAIN nor AUTH LOGIN, and its route has a user"
        raise Ended(Ending(Stage.AUTH, fault=Fault.AUTH, detail=detail))
    for step in steps[:-1]:
        _expect(Stage.AUTH, await session.command(Stage.AUTH, step), kind=3)
    _expect(Stage.AUTH, await session.command(Stage.AUTH, steps[-1]))


def _tls_failed(stage: Stage, error: OSError, protection: Protection) -> Ended:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not trusted ({error.verify_message.rstrip('.')})"
    else:
        why = str(getattr(error, "reason", None) or (error.strerror or str(error)).lower())
    return _tls_ended(stage, why, protection)


def _tls_ended(stage: Stage, why: str, protection: Protection) -> Ended:
    detail = f"{why}, and {protection.required_by} requires it" if protection.required_by else why
    return Ended(Ending(stage, fault=Fault.TLS, detail=detail))


def _expect(stage: Stage, reply: Reply, kind: int = 2) -> None:
    if reply.kind != kind:
        raise Ended(Ending(stage, reply))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
