"""How a session begins and ends: whether there is room for it, how long it may wait, last words.

Knows no command, and not how what arrives is read.
"""

import asyncio
import logging
from abc import abstractmethod
from enum import Enum

from smtp_gateway.submission import replies
from smtp_gateway.submission.channel import Channel, ClientGone
from smtp_gateway.submission.deadline import Waiting, deadline
from smtp_gateway.submission.incoming import Incoming
from smtp_gateway.submission.input_buffer import InputBuffer
from smtp_gateway.submission.metrics import Tls
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import peer_of
from smtp_gateway.submission.transcript import CLIENT_LEFT, MAIL_CUT_OFF

# For reading the last replies.
_LINGER_SECONDS = 10.0
_LINGER_BYTES = 1024 * 1024
# Clients may wait for minutes (RFC 5321 section 4.5.3.2.5), but not for one slow mail before them.
_HELD_BACK_SECONDS = 10.0

# Who owes a handshake holds a socket until it has heard that there is no room.
_MOST_TOLD_AT_ONCE = 100

log = logging.getLogger(__name__)


class Mode(Enum):
    """What the session does with what the client sends."""

    COMMANDS = "commands"
    ANSWER = "answer"
    """The next line answers a question of a command that waits for it."""
    DATA = "data"
    BUSY = "busy"
    """Nothing: a log-in, a handshake or a commit is under way."""
    ENDED = "ended"


class Lifetime(Channel):
    """What the server does with a connection from outside."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.mode = Mode.COMMANDS
        self.since = self.loop.time()
        """Loop seconds of the last progress: a command, a block of data, a reply that was read."""
        self.mail_since = self.since
        """Loop seconds of the last accepted mail."""
        self._input = InputBuffer()
        self._incoming: Incoming | None = None
        self._answer: asyncio.Future[bytes | None] | None = None
        self._is_at_end = False
        self._dropped_bytes = 0
        """Of what came behind our last words."""
        self.is_held_back = False
        """Nothing is read while other large mails come first."""
        self._may_overtake = False
        self._tls: Tls = "none"

    @abstractmethod
    def _advance(self) -> None:
        """Works off what has arrived, as far as that goes without waiting."""

    def finish(self, *, lingers: bool = False) -> None:
        """Closes the connection when the replies so far are sent.

        `lingers`: the client may still be sending. Closed with input unread, its system would
        throw our last words away (RFC 1122 section 4.2.2.13), so what still comes is dropped first.
        """
        self.flush()
        self._end(lingers=lingers)

    # --- For the server ---------------------------------------------------------------------------

    @property
    def lying_bytes(self) -> int:
        """What arrived and nobody has looked at, and replies that nobody has read."""
        return len(self._input) + self.unsent_bytes

    def look_at_clock(self, now: float) -> None:
        """Ends the session where the client has let it wait for too long. `now`: loop seconds."""
        if self.is_held_back:
            if now - self.since > _HELD_BACK_SECONDS:
                self._may_overtake = True
                self._go_on()
        elif self.mode is Mode.ENDED:
            if now - self.since > _LINGER_SECONDS:
                self.abort()
        elif now >= self._deadline():
            self._give_up_waiting()

    def drain(self) -> None:
        """Ends the session at its next command; where it waits for one, now."""
        self._advance()

    def stop_waiting(self) -> None:
        """Ends the session although the client is in the middle of its data."""
        if self.mode is not Mode.BUSY:
            self._say_last(replies.SHUTTING_DOWN)

    def abort(self) -> None:
        """Drops the connection at once."""
        if self.channel is not None:
            self.channel.abort()
        self._end()

    # --- Before and behind the session ------------------------------------------------------------

    def take_seat(self, ip: str) -> Reply | None:
        """For a connection from `ip`, as soon as it is there; a reply: there is no room.

        Call it again where the real peer turns out to be another.
        """
        config = self.services.config
        refusal = self.seat.take(config) or self.seat.come_from(ip, config)
        if refusal:
            self.services.turned_away.add(self)
        else:
            self.services.turned_away.discard(self)
        return refusal

    @property
    def may_be_told(self) -> bool:
        """Whether a handshake may be waited for only to say that there is no room."""
        return len(self.services.turned_away) <= _MOST_TOLD_AT_ONCE

    def leave_seat(self) -> None:
        """The connection is gone, and all work for it is done."""
        self.services.turned_away.discard(self)
        self.seat.leave()

    # --- Inside -----------------------------------------------------------------------------------

    def _is_turned_away(self) -> bool:
        refusal = self.take_seat(self.state.peer.ip)
        if refusal is None:
            return False
        log.warning("session.refused", extra={"ip": self.state.peer.ip, "reply": refusal.text})
        self._say_last(refusal)
        return True

    def _deadline(self) -> float:
        data_since = self._incoming.since if self._incoming is not None else None
        waiting = Waiting(
            self.since,
            self.mail_since,
            data_since,
            is_for_reading=self._is_writing_paused,
            is_for_us=self.mode is Mode.BUSY,
        )
        return deadline(waiting, self.services.config)

    def _give_up_waiting(self) -> None:
        is_for_us = self.mode is Mode.BUSY and not self._is_writing_paused
        if is_for_us:
            log.error("session.stuck", extra={"session_id": self.state.session_id})
        self._say_last(replies.NO_ANSWER if is_for_us else replies.TIMED_OUT)

    def _say_last(self, reply: Reply) -> None:
        self.reply(reply)
        self.flush()
        if self._is_writing_paused:
            # It does not read: waiting until it has read everything could take for ever.
            self.abort()
        self._end()

    def _drop(self, data: bytes) -> None:
        self._dropped_bytes += len(data)
        if self._dropped_bytes > _LINGER_BYTES:
            self.abort()

    def _let_others_pass(self) -> None:
        if not self._may_overtake and self.seat.must_wait(self.services.config, self._go_on):
            self.is_held_back = True

    def _go_on(self) -> None:
        if self.is_held_back:
            self.is_held_back = False
            self.since = self.loop.time()
            self._resume_reading()

    def _end(self, *, lingers: bool = False) -> None:
        if self.mode is Mode.ENDED:
            return
        self.is_held_back = False
        self._end_transcript()
        self.mode = Mode.ENDED
        self.since = self.loop.time()
        self._incoming = None
        self._input.clear()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ClientGone())
        if self.channel is None:
            self.leave_seat()
        else:
            # Its place is free when the connection is gone, not before.
            self.services.lingering.add(self)
            if lingers and not self._is_at_end and self.channel.can_write_eof():
                self._resume_reading()
                self.channel.write_eof()
            else:
                self.channel.close()
        self.services.forget(self)
        self.services.metrics.session_closed(self._tls)

    def _begin_transcript(self) -> None:
        peer, began_at = self.state.peer, self.services.now()
        self.transcript = self.services.transcripts.begin(self.state.session_id, peer.ip, began_at)
        if self.client_ip and self.channel is not None:
            proxy = peer_of(self.channel.get_extra_info("peername"), "")
            self.transcript.happened(f"The proxy {proxy.ip} speaks for {peer.ip}.")
        if peer.tls:
            self.transcript.went_over_to_tls(peer.tls)

    def _end_transcript(self) -> None:
        self.transcript.left_unfinished(self._input.take())
        if self._incoming is not None:
            self.transcript.happened(f"{MAIL_CUT_OFF}, {self._incoming.taken_bytes:,} bytes in.")
        elif self._is_at_end:
            self.transcript.happened(CLIENT_LEFT)
        self.services.transcripts.end(self.transcript)
