"""The SMTP session: greeting, which command a line is, the commands about the session itself."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import ClassVar

from smtp_gateway.submission import replies
from smtp_gateway.submission.bdat_command import BdatCommand
from smtp_gateway.submission.connection import MAX_LINE_BYTES
from smtp_gateway.submission.ehlo_limits import limits_keyword
from smtp_gateway.submission.input_buffer import LineFault
from smtp_gateway.submission.lifetime import Mode
from smtp_gateway.submission.message import storable

# RFC 5321 section 4.5.3.1.4, with CR LF.
MAX_COMMAND_BYTES = 512
# What the extensions add: SIZE 26 (RFC 1870), BODY 17 (RFC 6152), SMTPUTF8 10 (RFC 6531), AUTH= 500
# (RFC 4954 section 3), DSN 500 (RFC 3461); AUTH itself: RFC 4954 section 4.
_LONGER_COMMANDS = {
    b"MAIL": MAX_COMMAND_BYTES + 26 + 17 + 10 + 500 + 500,
    b"RCPT": MAX_COMMAND_BYTES + 500,
    b"AUTH": MAX_LINE_BYTES,
}
_LINE_FAULTS = {
    LineFault.TOO_LONG: replies.LINE_TOO_LONG,
    LineFault.BARE_LF: replies.BARE_LF,
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")

log = logging.getLogger(__name__)


Method = Callable[..., None]


class SubmissionProtocol(BdatCommand):
    """A submission session (RFC 6409) from greeting to goodbye."""

    commands: ClassVar[Mapping[str, Method]] = {}
    """By name in upper case; filled below."""

    def begin(self) -> None:
        self.send(replies.greeting(self.services.config.hostname))

    def take_line(self, line: bytes | LineFault) -> None:
        if isinstance(line, LineFault):
            self._complain(_LINE_FAULTS[line])
        elif len(line) + 2 > MAX_COMMAND_BYTES and _is_too_long(line):
            self._complain(replies.LINE_TOO_LONG)
        else:
            self._take_command(line.decode("utf-8", "surrogateescape"))
        if self.mode is not Mode.BUSY:
            # Else its own reply comes first.
            self.end_if_too_much()

    def end_if_too_much(self) -> None:
        if self.mode is not Mode.ENDED and (reply := self._too_much()):
            log.warning("session.ended", extra={"ip": self.state.peer.ip, "reply": reply.text})
            self.reply(reply)
            self.finish(lingers=True)

    def _take_command(self, text: str) -> None:
        if _CONTROLS.search(text):
            return self._complain(replies.BAD_SYNTAX)
        name, _, argument = text.strip().partition(" ")
        command = self.commands.get(name.upper())
        if command is None:
            return self._complain(replies.UNKNOWN_COMMAND if name else replies.BAD_SYNTAX)
        self.state.fruitless_commands += 1
        return command(self, argument.strip())

    def _too_much(self) -> replies.Reply | None:
        if self.state.errors > self.services.config.max_errors:
            return replies.TOO_MANY_ERRORS
        if self.state.fruitless_commands > self.services.config.max_fruitless_commands:
            return replies.TOO_MANY_COMMANDS
        return None

    def _complain(self, reply: replies.Reply) -> None:
        self.state.errors += 1
        self.reply(reply)

    def smtp_EHLO(self, arg: str | None) -> None:  # noqa: N802
        if self._greeted(arg or "", is_extended=True):
            config, has_tls = self.services.config, bool(self.state.peer.tls)
            limits = limits_keyword(
                max_recipients=config.max_recipients, max_mails=config.max_mails_per_session
            )
            size = config.max_message_bytes
            self.send(_ehlo(config.hostname, size, limits, has_tls, self.may_authenticate))

    def smtp_HELO(self, arg: str | None) -> None:  # noqa: N802
        if self._greeted(arg or "", is_extended=False):
            self.send(replies.hello(self.services.config.hostname))

    def _greeted(self, argument: str, *, is_extended: bool) -> bool:
        name = storable(argument, 255)
        if not name:
            self._complain(replies.HELLO_NEEDS_NAME)
            return False
        self.state.hello_name, self.state.is_extended = name, is_extended
        self.state.transaction = None
        return True

    def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        if arg:
            return self.reply(replies.NO_ARGUMENT)
        if self.state.peer.tls:
            return self.reply(replies.TLS_IS_ON)
        return self.run(self.start_tls())

    def smtp_RSET(self, arg: str | None) -> None:  # noqa: N802
        if arg:
            return self.reply(replies.NO_ARGUMENT)
        self.state.transaction = None
        return self.reply(replies.OK)

    def smtp_NOOP(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.OK)

    def smtp_QUIT(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.BYE)
        self.finish()

    def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.CANNOT_VERIFY)

    def smtp_EXPN(self, arg: str | None) -> None:  # type: ignore[override]  # noqa: N802
        self.reply(replies.NOT_HERE)

    def smtp_HELP(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.HELP)


def _is_too_long(line: bytes) -> bool:
    verb = line.partition(b" ")[0].upper()
    return len(line) + 2 > _LONGER_COMMANDS.get(verb, MAX_COMMAND_BYTES)


@lru_cache(maxsize=16)
def _ehlo(
    hostname: str, max_message_bytes: int, limits: str, has_tls: bool, may_authenticate: bool
) -> bytes:
    keywords = [
        "PIPELINING",
        f"SIZE {max_message_bytes}",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        "CHUNKING",
        "DSN",
        *([limits] if limits else []),
        *([] if has_tls else ["STARTTLS"]),
        *(["AUTH PLAIN LOGIN"] if may_authenticate else []),
    ]
    return replies.hello(hostname, tuple(keywords))


def commands_of(kind: type[SubmissionProtocol], names: Iterable[str]) -> Mapping[str, Method]:
    """The methods of `kind` for these commands, looked up once for the process: aiosmtpd looks
    them up again for every connection.
    """
    return {name: getattr(kind, f"smtp_{name}") for name in names}


SubmissionProtocol.commands = commands_of(
    SubmissionProtocol,
    (n.removeprefix("smtp_") for n in dir(SubmissionProtocol) if n.startswith("smtp_")),
)
