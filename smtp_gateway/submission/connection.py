"""What one client sends: command lines, answers and mail data, each at its time.

What has arrived is worked off at once, inside the transport's call: a command costs no task, no
future and no timer. Only what has to wait (a log-in, a handshake) is a task, and a commit calls
back. aiosmtpd's reading is not used: its reader splits mail data into lines, and its end of file
cancels what is being committed. Knows no command.
"""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from smtp_gateway import log_context
from smtp_gateway.bridge import DATABASE_AWAY
from smtp_gateway.submission import replies
from smtp_gateway.submission.channel import ClientGone
from smtp_gateway.submission.incoming import Incoming, Reader
from smtp_gateway.submission.input_buffer import LineFault
from smtp_gateway.submission.lifetime import Lifetime, Mode
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import Transaction, new_session_id

# Reading pauses when so much lies unread, until the session has worked through all of it.
_INPUT_HIGH_WATER_BYTES = 64 * 1024
# RFC 4954 section 4, the longest there is; commands have limits of their own below it.
MAX_LINE_BYTES = 12288
# Commands that came together are answered without waiting; other sessions get a turn in between.
_COMMANDS_IN_A_ROW = 50

log = logging.getLogger(__name__)


class Connection(Lifetime):
    """Reads, and does what was read."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._task: asyncio.Task[None] | None = None
        self._has_turn_coming = False

    @abstractmethod
    def begin(self) -> None:
        """Greets the client."""

    @abstractmethod
    def take_line(self, line: bytes | LineFault) -> None:
        """One command, without its CR LF."""

    @abstractmethod
    def end_if_too_much(self) -> None:
        """Ends the session of a client that has asked for too much that leads nowhere."""

    @abstractmethod
    def give_up_mail(self, envelope: Transaction) -> None:
        """The data of a mail came to its end, but there was no memory to keep it."""

    # --- Called by the transport ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.channel = transport  # type: ignore[assignment]
        self.state = self._new_state(new_session_id())
        self.services.connections.add(self)
        self._begin_transcript()
        self._tls = "implicit" if self.state.peer.tls else "none"
        self.services.metrics.session_opened(self._tls)
        log_context.session_id.set(self.state.session_id)
        if self._is_turned_away():
            return None
        self.guard(self.begin)
        return self._advance()

    def data_received(self, data: bytes) -> None:
        if self.mode is Mode.ENDED:
            return self._drop(data)
        log_context.session_id.set(self.state.session_id)
        self._input.add(data)
        return self._advance()

    def eof_received(self) -> bool:
        if self.mode is Mode.ENDED:
            return False
        self._is_at_end = True
        self._advance()
        # A client that only stopped sending still gets its reply; TLS knows no half-close.
        return not self.state.peer.tls

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None:
            facts = {"session_id": self.state.session_id, "error": repr(error)}
            log.debug("session.lost", extra=facts)
        self._is_at_end = True
        # Nothing will resume it now, and what is under way must find its end.
        self._is_writing_paused = False
        self.channel = None
        self.services.lingering.discard(self)
        if self.mode is Mode.ENDED:
            self.leave_seat()
        elif self.mode is Mode.BUSY:
            self._input.clear()
        else:
            self._end()

    def pause_writing(self) -> None:
        self._is_writing_paused = True
        self.since = self.loop.time()

    def resume_writing(self) -> None:
        self._is_writing_paused = False
        self._advance()

    # --- For commands -----------------------------------------------------------------------------

    def receive(self, reader: Reader, then: Callable[[], None], envelope: Transaction) -> None:
        """Hands what arrives to `reader` until that has come to its end; `then` goes on.

        `envelope`: of the mail that it is part of.
        """
        self._release_what_is_done()
        self.mode = Mode.DATA
        self._incoming = Incoming(
            reader,
            then=then,
            give_up=partial(self.give_up_mail, envelope),
            seat=self.seat,
            config=self.services.config,
            since=self.since,
        )

    def wait(self) -> None:
        """Looks at no further command until `ready`."""
        self.mode = Mode.BUSY

    def ready(self) -> None:
        """What was waited for is done, and replied to."""
        if self.mode is Mode.BUSY:
            self.mode = Mode.COMMANDS
            self.since = self.loop.time()
            self._release_what_is_done()
            self._advance()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Has `work` done as a task and looks at no further command meanwhile."""
        self.wait()
        self._task = self.loop.create_task(self._run(work))

    async def read_answer(self) -> bytes | None:
        """The next line without its end; None: it is no proper line. Raises ClientGone."""
        self._answer = self.loop.create_future()
        self.mode = Mode.ANSWER
        self.since = self.loop.time()
        self._advance()
        return await self._answer

    async def start_tls(self) -> None:
        """Goes on under TLS, everything before it forgotten (RFC 3207 section 4.2)."""
        if self.channel is None or self._is_writing_paused:
            raise ClientGone
        self.reply(replies.READY_FOR_TLS)
        self._input.clear()
        self._resume_reading()
        # No await from here on until the transport is switched: the next byte belongs to TLS.
        self.flush()
        self.channel = await self._handshake(self.channel)
        self._tls = "starttls"
        self.services.metrics.session_upgraded()
        self.state = self._new_state(self.state.session_id)
        self.transcript.went_over_to_tls(self.state.peer.tls)

    def guard(self, work: Callable[[], None]) -> None:
        """The session's edge: a fault becomes a reply, and its cause goes to the log only."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - one of the three edges
            self._reply_to_fault(error)

    # --- Inside -----------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Works off what has arrived, as far as that goes without waiting."""
        turns = _COMMANDS_IN_A_ROW
        while turns and not self._is_writing_paused and self._take_something():
            turns -= 1
        if self.mode is Mode.ENDED:
            return
        if self.seat.held_bytes and self.mode is Mode.COMMANDS:
            self._release_what_is_done()
        self.flush()
        if not turns:
            self._come_again()
        elif self.mode is not Mode.BUSY and not self._is_writing_paused:
            self._wait_for_client()
        if len(self._input) > _INPUT_HIGH_WATER_BYTES:
            self._hold_client()

    def _take_something(self) -> bool:
        """False: there is nothing that can be worked off now."""
        if self.mode is Mode.DATA:
            return bool(self._input) and self._take_data()
        if self.mode is Mode.BUSY or self.mode is Mode.ENDED:
            return False
        line = self._input.next_line(MAX_LINE_BYTES)
        if line is None:
            return False
        self.since = self.loop.time()
        if isinstance(line, bytes):
            self.transcript.said(line)
        else:
            self.transcript.garbled(line.value)
        if self.mode is Mode.ANSWER and self._answer is not None:
            self.wait()
            self._answer.set_result(line if isinstance(line, bytes) else None)
        else:
            self._guarded_line(line)
        return True

    def _guarded_line(self, line: bytes | LineFault) -> None:
        # As `guard` does, without making a function for each command.
        try:
            self.take_line(line)
        except Exception as error:  # noqa: BLE001 - one of the three edges
            self._reply_to_fault(error)

    def _take_data(self) -> bool:
        self.since = self.loop.time()
        incoming = self._incoming
        if incoming is None or (rest := incoming.feed(self._input.take())) is None:
            self._let_others_pass()
            return False
        self.transcript.sent_mail(incoming.taken_bytes - len(rest))
        self._input.add(rest)
        self.mode, self._incoming = Mode.COMMANDS, None
        self.guard(incoming.next_step)
        return True

    def _release_what_is_done(self) -> None:
        if self.seat.held_bytes and self.state.transaction is None:
            self.seat.release()

    def _come_again(self) -> None:
        if not self._has_turn_coming:
            self._has_turn_coming = True
            self.loop.call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._has_turn_coming = False
        if self.mode is not Mode.ENDED:
            log_context.session_id.set(self.state.session_id)
            self._advance()

    def _wait_for_client(self) -> None:
        if self._is_at_end:
            self._end()
        elif self.is_held_back:
            self._hold_client()
        elif self.services.is_draining and self.mode is not Mode.DATA:
            self._say_last(replies.SHUTTING_DOWN)
        else:
            self._resume_reading()

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (ClientGone, ConnectionError):
            self._end()
        except Exception as error:  # noqa: BLE001 - one of the three edges
            self._reply_to_fault(error)
        self.guard(self.end_if_too_much)
        self.ready()

    def _reply_to_fault(self, error: Exception) -> None:
        facts = {"session_id": self.state.session_id}
        if isinstance(error, DATABASE_AWAY):
            log.error("database.away", extra=facts | {"error": repr(error)})
        else:
            self.services.metrics.faults += 1
            log.error("session.fault", exc_info=error, extra=facts)
        self.reply(replies.TRY_LATER)
