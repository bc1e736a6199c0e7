"""The client's end of one connection, and the gateway that all connections of a run go to."""

import asyncio
import logging
import ssl
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.smtp_gateway.submission.fuzzing.dialogue import Dialogue, OutOfStep
from tests.smtp_gateway.submission.talking import APP, PASSWORD, Gateway, insecure_context

MAX_MESSAGE_BYTES = 20_000
_HANGS_AFTER_SECONDS = 10
_FAULTS = ("session.fault", "intake.fault", "intake.mail_failed")

T = TypeVar("T")


class FaultLog(logging.Handler):
    """Keeps what the gateway logs about faults of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg in _FAULTS or record.name == "asyncio":
            self.faults.append(record)

    def is_empty(self) -> bool:
        return not self.faults

    def text(self) -> str:
        formatter = logging.Formatter()
        return "\n".join(formatter.format(record) for record in self.faults)


@dataclass
class World:
    """A running gateway; its loop turns only while `run` does."""

    loop: asyncio.AbstractEventLoop
    gateway: Gateway
    faults: FaultLog
    pristine: set[bytes] = field(default_factory=set)
    seen_id: int = 0
    """The newest mail in the queue that was checked."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def is_idle(self) -> bool:
        """No session is open, and nothing is being committed any more."""
        return not (self.gateway.services.connections or self.gateway.services.intake._writer)


class Speaker:
    """Says bytes, and checks each reply that comes back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.dialogue = Dialogue(APP, PASSWORD.encode(), MAX_MESSAGE_BYTES, pristine=world.pristine)
        self.is_tls = False
        self._is_reset = False
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def connect(self) -> None:
        port = self._world.gateway.port
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        await self.settle()

    async def say(self, pieces: Sequence[bytes]) -> None:
        """Each piece by itself, so that it reaches the server alone."""
        for piece in pieces:
            if self._writer.transport.is_closing():
                return
            self.dialogue.send(piece)
            self._writer.write(piece)
            # One turn to send, one in which the server reads.
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def settle(self) -> None:
        """Until everything has its reply."""
        while self.dialogue.awaits_reply():
            if reply := await self._reply():
                self.dialogue.hear(reply)
            else:
                self.dialogue.hear_nothing_more(is_reset=self._is_reset)

    async def leave(self) -> None:
        """In order where that is possible; then nothing more may come."""
        await self.settle()
        if self.dialogue.mode == "command" and not self.dialogue.unanswered:
            await self.say([b"QUIT\r\n"])
            await self.settle()
            assert self.dialogue.mode == "closed"
        if self.dialogue.mode == "closed":
            assert not (reply := await self._reply()), f"{reply!r} after the goodbye"
        self.abort()

    async def half_close(self) -> None:
        """Says that nothing more will come; everything said so far still gets its reply."""
        if not self._writer.transport.is_closing():
            self._writer.write_eof()
        await self.settle()
        # The one thing that may still come is a word of goodbye.
        while reply := await self._reply():
            self.dialogue.hear(reply)
        self.abort()

    async def start_tls(self, injected: bytes) -> None:
        """Plain text behind STARTTLS must have no effect (RFC 3207 section 4.2)."""
        self.dialogue.send(b"STARTTLS\r\n")
        self._writer.write(b"STARTTLS\r\n" + injected)
        reply = await self._reply()
        assert reply.startswith("220 "), reply
        await self._writer.start_tls(insecure_context())
        self.is_tls = True
        old = self.dialogue
        self.dialogue = Dialogue(old.user, old.password, old.max_message_bytes, old.pristine)
        self.dialogue.mode, self.dialogue.accepted = "command", old.accepted

    def abort(self) -> None:
        """Without a word."""
        self._writer.transport.abort()

    async def _reply(self) -> str:
        """Empty: the server closed."""
        lines = []
        try:
            async with asyncio.timeout(_HANGS_AFTER_SECONDS):
                while line := await self._reader.readline():
                    if not line.endswith(b"\r\n"):
                        raise OutOfStep(f"no line: {line!r}")
                    lines.append(line.decode().removesuffix("\r\n"))
                    if line[3:4] != b"-":
                        break
        except TimeoutError:
            raise OutOfStep(f"hangs; {bytes(self.dialogue.unanswered[:200])!r}") from None
        except (ConnectionError, ssl.SSLError):
            if self._is_reset:
                return ""
            self._keep_what_came_before_the_reset()
            return await self._reply()
        return "\n".join(lines)

    def _keep_what_came_before_the_reset(self) -> None:
        self._is_reset = True
        came = bytes(self._reader._buffer)  # type: ignore[attr-defined]
        self._reader = asyncio.StreamReader()
        self._reader.feed_data(came)
        self._reader.feed_eof()
