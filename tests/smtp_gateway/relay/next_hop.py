"""A next hop on loopback that does as a test says: refuse, stall, drop, lose its answer."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

DROP = "drop"
"""Close the connection instead of answering."""
HANG = "hang"
"""Never answer."""
USUAL = ("PIPELINING", "SIZE 20000000", "8BITMIME", "SMTPUTF8")

Script = Callable[[str, str], str | None]
"""From verb and argument to a reply; None: the usual one. `CONNECT` is the start, `.` the end of
the content; a reply to `CONTENT` is given in its middle, and the hop hangs up."""


@dataclass(frozen=True)
class TakenMail:
    """A mail as it arrived."""

    mail_command: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class ScriptedHop:
    """How it behaves, and what it has seen."""

    script: Script = lambda verb, argument: None
    extensions: tuple[str, ...] = USUAL
    starttls: ssl.SSLContext | None = None
    implicit_tls: ssl.SSLContext | None = None
    users: dict[str, str] = field(default_factory=dict)
    mechanisms: str = "PLAIN LOGIN"
    host: str = "127.0.0.1"
    port: int = 0
    delay: float = 0
    gate: asyncio.Event | None = None
    """Until it is set, no content is answered."""

    connections: int = 0
    open_now: int = 0
    complete: int = 0
    """Mails that came up to the final dot."""
    peers: list[str] = field(default_factory=list)
    """The address that each connection came from."""
    commands: list[str] = field(default_factory=list)
    taken: list[TakenMail] = field(default_factory=list)
    logged_in: list[str] = field(default_factory=list)

    @property
    def verbs(self) -> list[str]:
        return [command.split(" ")[0].upper() for command in self.commands]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedHop"]:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if (task := asyncio.current_task()) is not None:
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            self.connections += 1
            self.peers.append(writer.get_extra_info("peername")[0])
            self.open_now += 1
            try:
                with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    await _Conversation(self, reader, writer).run()
            finally:
                self.open_now -= 1
                writer.transport.abort()

        server = await asyncio.start_server(
            serve, self.host, self.port, ssl=self.implicit_tls, limit=2**26
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()


class _Conversation:
    def __init__(
        self, hop: ScriptedHop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.hop, self.reader, self.writer = hop, reader, writer
        self.mail_command = ""
        self.recipients: list[str] = []
        self.is_protected = hop.implicit_tls is not None
        self.is_open = True
        self.is_spoilt = False
        """BDAT failed, and nothing helps but RSET."""

    async def run(self) -> None:
        await self.answer("CONNECT", "", "220 hop.test ESMTP")
        while self.is_open:
            line = (await self.reader.readuntil(b"\r\n"))[:-2].decode()
            self.hop.commands.append(line)
            verb, _, argument = line.partition(" ")
            await getattr(self, f"on_{verb.lower()}", self.on_unknown)(verb.upper(), argument)

    async def answer(self, verb: str, argument: str, usual: str) -> bool:
        """Whether a positive answer was given."""
        reply = self.hop.script(verb, argument) or usual
        if reply == HANG:
            await asyncio.Event().wait()
        if reply == DROP:
            self.is_open = False
            return False
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()
        if reply.startswith("421"):
            self.is_open = False
        return reply[0] in ("2" if verb == "." else "23")

    async def on_ehlo(self, verb: str, argument: str) -> None:
        lines = ["hop.test", *self.hop.extensions]
        if self.hop.starttls and not self.is_protected:
            lines.append("STARTTLS")
        if self.hop.users:
            lines.append(f"AUTH {self.hop.mechanisms}")
        usual = "\r\n".join([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"])
        await self.answer(verb, argument, usual)

    async def on_helo(self, verb: str, argument: str) -> None:
        await self.answer(verb, argument, "250 hop.test")

    async def on_starttls(self, verb: str, argument: str) -> None:
        if await self.answer(verb, argument, "220 Go on") and self.hop.starttls:
            await self.writer.start_tls(self.hop.starttls)
            self.is_protected = True

    async def on_auth(self, verb: str, argument: str) -> None:
        mechanism, _, initial = argument.partition(" ")
        if mechanism == "PLAIN":
            _, user, password = _decoded(initial).split("\0")
        else:
            user, password = await self.ask("Username:"), await self.ask("Password:")
        is_known = self.hop.users.get(user) == password
        if is_known:
            self.hop.logged_in.append(user)
        usual = "235 2.7.0 Ok" if is_known else "535 5.7.8 No such user or password"
        await self.answer(verb, argument, usual)

    async def ask(self, prompt: str) -> str:
        self.writer.write(b"334 " + base64.b64encode(prompt.encode()) + b"\r\n")
        return _decoded((await self.reader.readuntil(b"\r\n")).decode())

    async def on_mail(self, verb: str, argument: str) -> None:
        usual = "503 5.5.1 RSET first" if self.is_spoilt else "250 2.1.0 Ok"
        if await self.answer(verb, argument, usual):
            self.mail_command, self.recipients = argument, []

    async def on_rcpt(self, verb: str, argument: str) -> None:
        recipient = argument.removeprefix("TO:<").removesuffix(">")
        usual = "250 2.1.5 Ok" if self.mail_command else "503 5.5.1 MAIL first"
        if await self.answer(verb, recipient, usual):
            self.recipients.append(recipient)

    async def on_data(self, verb: str, argument: str) -> None:
        usual = "354 Go on" if self.recipients else "554 5.5.1 No valid recipients"
        if not await self.answer(verb, argument, usual):
            return
        if early := self.hop.script("CONTENT", ""):
            await self.hang_up_early(early)
            return
        await self.end_content(await self.content())

    async def on_bdat(self, verb: str, argument: str) -> None:
        """As RFC 3030 asks: after one that failed, only RSET helps."""
        size, _, last = argument.partition(" ")
        assert last == "LAST"
        content = await self.reader.readexactly(int(size))
        if self.recipients and not self.is_spoilt:
            self.is_spoilt = not await self.end_content(content)
        else:
            await self.answer(verb, argument, "503 5.5.1 RCPT first")

    async def end_content(self, content: bytes) -> bool:
        """Whether it was taken."""
        self.hop.complete += 1
        if self.hop.delay:
            await asyncio.sleep(self.hop.delay)
        if self.hop.gate:
            await self.hop.gate.wait()
        mail = TakenMail(self.mail_command, tuple(self.recipients), content)
        self.mail_command, self.recipients = "", []
        is_taken = await self.answer(".", "", "250 2.0.0 Taken")
        if is_taken:
            self.hop.taken.append(mail)
        return is_taken

    async def hang_up_early(self, reply: str) -> None:
        """Answers in the middle of the content and closes without reading the rest."""
        await self.reader.readexactly(1)
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()
        self.is_open = False

    async def content(self) -> bytes:
        lines = []
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    async def on_rset(self, verb: str, argument: str) -> None:
        self.mail_command, self.recipients, self.is_spoilt = "", [], False
        await self.answer(verb, argument, "250 2.0.0 Ok")

    async def on_quit(self, verb: str, argument: str) -> None:
        await self.answer(verb, argument, "221 2.0.0 Bye")
        self.is_open = False

    async def on_unknown(self, verb: str, argument: str) -> None:
        await self.answer(verb, argument, "502 5.5.2 What?")


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
