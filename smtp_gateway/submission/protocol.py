"""The SMTP session: greeting, the loop over commands, and the commands about the session itself."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache

from smtp_gateway.bridge import DATABASE_AWAY
from smtp_gateway.submission import replies
from smtp_gateway.submission.auth_commands import MAX_AUTH_LINE_BYTES
from smtp_gateway.submission.connection import ClientGone, Draining, TimedOut
from smtp_gateway.submission.data_command import DataCommand
from smtp_gateway.submission.message import storable

MAX_COMMAND_BYTES = 4096
_MAX_ERRORS = 20
# Commands that came together are answered without waiting; other sessions get a turn in between.
_COMMANDS_IN_A_ROW = 50
_LEADS_TO_A_MAIL = (
    *(replies.AUTHENTICATED, replies.SENDER_OK, replies.RECIPIENT_OK, replies.TOO_MANY_RECIPIENTS),
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")

log = logging.getLogger(__name__)


class SubmissionProtocol(DataCommand):
    """A submission session (RFC 6409) from greeting to goodbye."""

    async def converse(self) -> None:
        self.send(replies.greeting(self.services.config.hostname))
        in_a_row = 0
        while await self._one_command():
            if reply := self._too_much():
                log.warning("session.ended", extra={"ip": self.state.peer.ip, "reply": reply.text})
                self.reply(reply)
                return
            in_a_row += 1
            if in_a_row % _COMMANDS_IN_A_ROW == 0:
                await asyncio.sleep(0)

    def _too_much(self) -> replies.Reply | None:
        if self.state.errors > _MAX_ERRORS:
            return replies.TOO_MANY_ERRORS
        if self.state.fruitless_commands > self.services.config.max_fruitless_commands:
            return replies.TOO_MANY_COMMANDS
        return None

    async def _one_command(self) -> bool:
        line = await self.read_line(MAX_AUTH_LINE_BYTES)
        if line is None or (len(line) > MAX_COMMAND_BYTES and line[:5].upper() != b"AUTH "):
            return self._complain(replies.LINE_TOO_LONG)
        text = line.decode("utf-8", "surrogateescape")
        if _CONTROLS.search(text):
            return self._complain(replies.BAD_SYNTAX)
        name, _, argument = text.strip().partition(" ")
        method = _COMMANDS.get(name.upper())
        if method is None:
            return self._complain(replies.UNKNOWN_COMMAND if name else replies.BAD_SYNTAX)
        await self._run(method, argument.strip())
        return name.upper() != "QUIT"

    def _complain(self, reply: replies.Reply) -> bool:
        self.state.errors += 1
        self.reply(reply)
        return True

    async def _run(self, method: "_Method", argument: str) -> None:
        self.last_reply = None
        self.state.fruitless_commands += 1
        try:
            await method(self, argument)
            if self.last_reply in _LEADS_TO_A_MAIL:
                self.state.fruitless_commands -= 1
        except (ClientGone, TimedOut, Draining, ConnectionError):
            raise
        except DATABASE_AWAY as error:
            log.error("database.away", extra={"error": repr(error)})  # noqa: TRY400 - known cause
            self.reply(replies.TRY_LATER)
        except Exception:  # the session's edge: the cause goes to the log, never to the client
            log.exception("session.fault")
            self.reply(replies.TRY_LATER)

    async def smtp_EHLO(self, arg: str | None) -> None:  # noqa: N802
        if self._greeted(arg or "", is_extended=True):
            config, peer = self.services.config, self.state.peer
            limit, may_authenticate = config.max_message_bytes, self.may_authenticate
            self.send(_ehlo(config.hostname, limit, bool(peer.tls), may_authenticate))

    async def smtp_HELO(self, arg: str | None) -> None:  # noqa: N802
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

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        if arg:
            return self.reply(replies.NO_ARGUMENT)
        if self.state.peer.tls:
            return self.reply(replies.TLS_IS_ON)
        await self.start_tls()
        return None

    async def smtp_RSET(self, arg: str | None) -> None:  # noqa: N802
        if arg:
            return self.reply(replies.NO_ARGUMENT)
        self.state.transaction = None
        return self.reply(replies.OK)

    async def smtp_NOOP(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.OK)

    async def smtp_QUIT(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.BYE)

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.CANNOT_VERIFY)

    async def smtp_EXPN(self, arg: str | None) -> None:  # noqa: N802
        self.reply(replies.NOT_HERE)

    async def smtp_HELP(self, arg: str | None) -> None:  # noqa: N802
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


_Method = Callable[[SubmissionProtocol, str], Awaitable[None]]

# Once for the process: aiosmtpd looks its methods up again for every connection.
_COMMANDS: Mapping[str, _Method] = {
    name.removeprefix("smtp_"): getattr(SubmissionProtocol, name)
    for name in dir(SubmissionProtocol)
    if name.startswith("smtp_")
}
