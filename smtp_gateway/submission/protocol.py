"""The SMTP session: greeting, which command a line is, the commands about the session itself."""

import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from smtp_gateway.submission import replies
from smtp_gateway.submission.data_command import DataCommand
from smtp_gateway.submission.input_buffer import LineFault
from smtp_gateway.submission.message import storable

MAX_COMMAND_BYTES = 4096
_MAX_ERRORS = 20
_LINE_FAULTS = {
    LineFault.TOO_LONG: replies.LINE_TOO_LONG,
    LineFault.BARE_LF: replies.BARE_LF,
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")

log = logging.getLogger(__name__)


class SubmissionProtocol(DataCommand):
    """A submission session (RFC 6409) from greeting to goodbye."""

    def begin(self) -> None:
        self.send(replies.greeting(self.services.config.hostname))

    def take_line(self, line: bytes | LineFault) -> None:
        if isinstance(line, LineFault):
            self._complain(_LINE_FAULTS[line])
        elif len(line) > MAX_COMMAND_BYTES and line[:5].upper() != b"AUTH ":
            self._complain(replies.LINE_TOO_LONG)
        else:
            self._take_command(line.decode("utf-8", "surrogateescape"))
        if reply := self._too_much():
            log.warning("session.ended", extra={"ip": self.state.peer.ip, "reply": reply.text})
            self.reply(reply)
            self.finish()

    def _take_command(self, text: str) -> None:
        if _CONTROLS.search(text):
            return self._complain(replies.BAD_SYNTAX)
        name, _, argument = text.strip().partition(" ")
        command = _COMMANDS.get(name.upper())
        if command is None:
            return self._complain(replies.UNKNOWN_COMMAND if name else replies.BAD_SYNTAX)
        self.state.fruitless_commands += 1
        return command(self, argument.strip())

    def _too_much(self) -> replies.Reply | None:
        if self.state.errors > _MAX_ERRORS:
            return replies.TOO_MANY_ERRORS
        if self.state.fruitless_commands > self.services.config.max_fruitless_commands:
            return replies.TOO_MANY_COMMANDS
        return None

    def _complain(self, reply: replies.Reply) -> None:
        self.state.errors += 1
        self.reply(reply)

    def smtp_EHLO(self, arg: str | None) -> None:  # noqa: N802
        if self._greeted(arg or "", is_extended=True):
            config, peer = self.services.config, self.state.peer
            limit, may_authenticate = config.max_message_bytes, self.may_authenticate
            self.send(_ehlo(config.hostname, limit, bool(peer.tls), may_authenticate))

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


@lru_cache(maxsize=16)
def _ehlo(hostname: str, max_message_bytes: int, has_tls: bool, may_authenticate: bool) -> bytes:
    keywords = [
        "PIPELINING",
        f"SIZE {max_message_bytes}",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        *([] if has_tls else ["STARTTLS"]),
        *(["AUTH PLAIN LOGIN"] if may_authenticate else []),
    ]
    return replies.hello(hostname, tuple(keywords))


_Method = Callable[[SubmissionProtocol, str], None]

# Once for the process: aiosmtpd looks its methods up again for every connection.
_COMMANDS: Mapping[str, _Method] = {
    name.removeprefix("smtp_"): getattr(SubmissionProtocol, name)
    for name in dir(SubmissionProtocol)
    if name.startswith("smtp_")
}
