"""What a server may answer to a stream of bytes: a second, independent reading of SMTP.

It knows the rules, not the server: which bytes make up one command, that each gets one reply, in
order, and what must not be said yes to. Pure.
"""

import binascii
import re
from dataclasses import dataclass, field

from tests.smtp_gateway.submission.fuzzing.judging import must_be_refused

_QUEUED = re.compile(r"250 2\.0\.0 Ok: queued as ([0-9A-Z]{16})\Z")
_REPLY = re.compile(r"(?:[2-5][0-5]\d-[^\r\n]*\n)*[2-5][0-5]\d(?: [^\r\n]*)?\Z")
_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3} ")
_HAS_NO_ENHANCED_CODE = ("220", "334", "354")
_BDAT = re.compile(rb"BDAT +(\d{1,9})(?: +LAST)? *\Z", re.IGNORECASE)
_VERBS = ("EHLO", "HELO", "RSET", "QUIT", "AUTH", "MAIL", "RCPT", "DATA", "BDAT")
_LOSES_STEP = ("501 5.5.4 Syntax: BDAT size [LAST]", "552 5.3.4 Chunk far beyond the size limit")
"""A 421 must follow: nobody can tell commands from mail any more."""
_MAX_LINE_BYTES = 4096
_MANY_COMPLAINTS = 80


class OutOfStep(AssertionError):
    """The server said what no server may say here."""


@dataclass(frozen=True)
class Accepted:
    """A mail that got its 250."""

    queue_id: str
    content: bytes
    recipients: frozenset[str]


@dataclass
class Dialogue:
    """One connection from its greeting on."""

    user: str
    password: bytes
    max_message_bytes: int
    pristine: set[bytes]
    """Mails that have nothing wrong."""
    unanswered: bytearray = field(default_factory=bytearray)
    mode: str = "greeting"
    is_logged_in: bool = False
    recipients: list[str] | None = None
    """None: no transaction is open."""
    chunks: bytearray = field(default_factory=bytearray)
    accepted: list[Accepted] = field(default_factory=list)
    has_bdat: bool = False
    """Whether EHLO offered CHUNKING."""
    is_answered: bool = False
    """The line that is being sent has its refusal already."""
    complaints: int = 0
    bare_lfs: int = 0
    """Those that were sent in lines and may get a refusal each."""
    exchange: list[bytes] = field(default_factory=list)
    """What the client said since AUTH."""

    def awaits_reply(self) -> bool:
        """Whether the server owes an answer for what it was sent."""
        if self.mode in ("greeting", "goodbye", "closed"):
            return self.mode != "closed"
        self._drop_answered_line()
        return not self.is_answered and self._end_of_unit() >= 0

    def send(self, data: bytes) -> None:
        """What the client says next."""
        self.unanswered += data

    def hear(self, reply: str) -> None:
        """The next reply; its lines are joined by line feeds. Raises OutOfStep."""
        self._is_well_formed(reply)
        self.complaints += reply.startswith("50")
        if reply.startswith("421"):
            self.mode = "closed"
        elif self.mode == "greeting":
            self._expect(reply.startswith("220 "), reply)
            self.mode = "command"
        elif not self._is_early(reply):
            self._expect(self.mode != "goodbye", reply)
            self._hear_answer(reply)
            if reply in _LOSES_STEP:
                self.mode = "goodbye"

    def hear_nothing_more(self, *, is_reset: bool) -> None:
        """The server closed. Raises OutOfStep where it owes a reply.

        Where it closes on a client that goes on talking, TCP may lose its last words.
        """
        head = self.unanswered.partition(b"\r\n")[0].upper()
        may_have_been_told = self.complaints > _MANY_COMPLAINTS or head.startswith(b"BDAT")
        if not (is_reset and (may_have_been_told or b"QUIT" in self.unanswered)):
            raise OutOfStep(f"closed without a word; {bytes(self.unanswered[:200])!r}")
        self.mode = "closed"

    # --- Inside -----------------------------------------------------------------------------------

    def _is_early(self, reply: str) -> bool:
        """A fault of a line may be told before its end has come, and a bare LF each time again."""
        if self.mode not in ("command", "auth") or not reply.startswith("500 5.5.2"):
            return False
        self._drop_answered_line()
        head = self.unanswered.partition(b"\r\n")[0]
        is_bare_lf, is_too_long = "LF" in reply, "too long" in reply and len(head) > _MAX_LINE_BYTES
        if is_bare_lf and not (b"\n" in head and not self.is_answered):
            self._expect(self.is_answered or self.bare_lfs > 0, reply)
        elif not ((is_bare_lf and b"\n" in head) or (is_too_long and not self.is_answered)):
            return False
        else:
            self.bare_lfs += head.count(b"\n")
        self.bare_lfs -= is_bare_lf
        self.is_answered, self.mode = True, "command"
        self._drop_answered_line()
        return True

    def _drop_answered_line(self) -> None:
        end = self.unanswered.find(b"\r\n")
        if self.is_answered and end >= 0:
            del self.unanswered[: end + 2]
            self.is_answered = False

    def _hear_answer(self, reply: str) -> None:
        if not self.awaits_reply():
            raise OutOfStep(f"{reply!r} answers nothing; {bytes(self.unanswered[:200])!r}")
        end = self._end_of_unit()
        unit = bytes(self.unanswered[:end])
        del self.unanswered[:end]
        getattr(self, f"_hear_{self.mode}")(unit, reply)

    def _end_of_unit(self) -> int:
        """How many bytes the next thing to be answered has; -1: it is not complete."""
        if self.mode == "data":
            found = (b"\r\n" + self.unanswered).find(b"\r\n.\r\n")
            return found + 3 if found >= 0 else -1
        line = self.unanswered.find(b"\r\n")
        if line < 0:
            return -1
        bdat = _BDAT.match(self.unanswered[:line]) if self.mode == "command" else None
        end = line + 2 + (int(bdat[1]) if bdat and self.has_bdat else 0)
        return end if end <= len(self.unanswered) else -1

    @staticmethod
    def _is_well_formed(reply: str) -> None:
        lines = reply.split("\n")
        if not _REPLY.match(reply) or len({line[:3] for line in lines}) != 1:
            raise OutOfStep(f"malformed: {reply!r}")
        enhanced = {match[1] for line in lines if (match := _ENHANCED.match(line[4:]))}
        if enhanced and enhanced != {reply[0]}:
            raise OutOfStep(f"codes disagree: {reply!r}")
        # Neither have the answers to EHLO and HELO one: RFC 2034 section 3.
        may_have_none = reply.startswith((*_HAS_NO_ENHANCED_CODE, "250 mail.", "250-mail."))
        if not enhanced and not may_have_none:
            raise OutOfStep(f"no enhanced code: {reply!r}")

    def _hear_command(self, unit: bytes, reply: str) -> None:
        line = unit.partition(b"\r\n")[0]
        verb = line.strip().partition(b" ")[0].upper().decode("latin-1")
        handler = getattr(self, f"_after_{verb.lower()}", None) if verb in _VERBS else None
        if handler is not None:
            handler(unit if verb == "BDAT" else line, reply)
        else:
            self._expect(reply[0] in "245", reply, line)
            self._expect(reply[0] != "2" or verb in ("NOOP", "VRFY", "HELP"), reply, line)

    def _after_ehlo(self, line: bytes, reply: str) -> None:
        if reply.startswith("250"):
            self.recipients = None
            self.chunks.clear()
            self.has_bdat = self.has_bdat or "\n250-CHUNKING" in reply

    _after_helo = _after_ehlo
    _after_rset = _after_ehlo

    def _after_quit(self, line: bytes, reply: str) -> None:
        self._expect(reply[0] in "25", reply, line)
        if reply.startswith("221"):
            self.mode = "closed"

    def _after_auth(self, line: bytes, reply: str) -> None:
        self.exchange = [line.strip().rpartition(b" ")[2]]
        self._go_on_with_auth(reply)

    def _hear_auth(self, line: bytes, reply: str) -> None:
        self.exchange.append(line.strip())
        self._go_on_with_auth(reply)

    def _go_on_with_auth(self, reply: str) -> None:
        self.mode = "auth" if reply.startswith("334 ") else "command"
        if reply.startswith("235 "):
            self._expect(not self.is_logged_in, reply)
            self._expect(self._proves_itself(), reply, *self.exchange)
            self.is_logged_in = True

    def _proves_itself(self) -> bool:
        try:
            said = binascii.a2b_base64(self.exchange[-1])
        except ValueError:
            return False
        return said == self.password or said.endswith(b"\0" + self.password)

    def _after_mail(self, line: bytes, reply: str) -> None:
        if reply.startswith("250"):
            self._expect(self.is_logged_in and self.recipients is None, reply, line)
            self._expect(self.user.encode() in line.lower(), reply, line)
            self.recipients = []

    def _after_rcpt(self, line: bytes, reply: str) -> None:
        if reply.startswith("250"):
            self._expect(self.recipients is not None and b"@" in line, reply, line)
            assert self.recipients is not None
            self.recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())

    def _after_data(self, line: bytes, reply: str) -> None:
        if reply.startswith("354 "):
            self._expect(bool(self.recipients) and not self.chunks, reply, line)
            self.mode = "data"
        else:
            self._expect(reply[0] in "45", reply, line)

    def _hear_data(self, unit: bytes, reply: str) -> None:
        lines = unit[:-3].split(b"\r\n")
        self.mode = "command"
        self._judge(b"\r\n".join(line.removeprefix(b".") for line in lines), reply)

    def _after_bdat(self, unit: bytes, reply: str) -> None:
        line, _, chunk = unit.partition(b"\r\n")
        is_last = line.strip().upper().endswith(b"LAST")
        if reply.startswith("250"):
            self._expect(bool(self.recipients) and self.has_bdat, reply, line)
            self.chunks += chunk
            if is_last:
                self._judge(bytes(self.chunks), reply)
        else:
            # The message is lost, and with it the transaction: RFC 3030 section 2.
            self._expect(reply[0] in "45", reply, line)
            self.recipients = None
            self.chunks.clear()

    def _judge(self, content: bytes, reply: str) -> None:
        if accepted := _QUEUED.match(reply):
            reason = must_be_refused(content, self.user, self.max_message_bytes)
            self._expect(not reason, f"{reason}: {reply}", content[:500])
            recipients = frozenset(self.recipients or ())
            self.accepted.append(Accepted(accepted[1], content, recipients))
        else:
            self._expect(reply[0] in "45", reply, content[:500])
            self._expect(content not in self.pristine, f"refused: {reply}", content[:500])
        self.recipients = None
        self.chunks.clear()

    @staticmethod
    def _expect(is_so: bool, reply: str, *context: bytes) -> None:
        if not is_so:
            raise OutOfStep(f"{reply!r} to {context}")
