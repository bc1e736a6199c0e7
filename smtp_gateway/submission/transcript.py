"""Records what is said in one session, at less than a microsecond a line. Pure.

Secrets and mail never get in, only their lengths. Memory is bounded whatever is said: the first
lines, the newest, and those around refusals between. Words are made later, by `snapshot_lines`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Literal, NamedTuple

from smtp_gateway.identity import Credential
from smtp_gateway.submission.auth_trace import AuthTrace, in_bytes

Speaker = Literal["client", "server", "event", "gap"]
CLIENT: Speaker = "client"
SERVER: Speaker = "server"
EVENT: Speaker = "event"
GAP: Speaker = "gap"

FIRST_LINES = 60
LAST_LINES = 40
REFUSALS_BETWEEN = 15
_LONG_LINE_BYTES = 160
_MAX_LINE_BYTES = 500
_LONG_LINES_BYTES = 16 * 1024
"""What the lines of one session may have beyond `_LONG_LINE_BYTES` each."""
_MOST_LINES = 256
"""At so many, those that are neither first nor last are dropped, all at once."""
_LINES_OF_A_LOOK = 6
"""A proxy, TLS, a greeting, QUIT and its reply, the client's leaving."""
_SAID_BY_A_LOOK = (b"QUIT", b"quit")

MAIL_BYTES = "of mail"
TLS_BYTES = "of a TLS handshake"
CLIENT_LEFT = "The client closed the connection."
TLS_INSTEAD = "The client began a TLS handshake where a command was expected."
TLS_FAILED = "TLS handshake failed"
TLS_MISSING = "The client began no TLS handshake, which comes first on this port."
MAIL_CUT_OFF = "The connection ended before the end of the mail"

# How lines begin that hold no secret, as almost all of them do.
_HARMLESS = frozenset(
    start
    for verb in (
        b"MAIL ",
        b"RCPT ",
        b"EHLO ",
        b"HELO ",
        b"BDAT ",
        b"DATA",
        b"QUIT",
        b"RSET",
        b"NOOP",
    )
    for start in (verb, verb.lower(), verb.capitalize())
)
# Verbs that can be shown, though not what follows them; those of other protocols tell a mix-up.
_VERBS = frozenset(
    b"MAIL RCPT EHLO HELO BDAT DATA QUIT RSET NOOP STARTTLS VRFY EXPN HELP TURN ETRN SEND SAML "
    b"SOML LHLO XCLIENT XFORWARD GET POST PUT HEAD OPTIONS CONNECT USER PASS CAPA LOGIN".split()
)
_TLS_RECORD = b"\x16\x03"
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_FIRST_OF_A_REFUSAL, _FIRST_OF_A_CHALLENGE = ord("4"), ord("3")

_Entry = tuple[float, Speaker, bytes | str | int]
"""Monotonic seconds, who, and what: as it went over the wire, words, or how much mail."""


class Line(NamedTuple):
    """One line of the dialogue; the words of a gap are how many lines it stands for."""

    milliseconds: int
    """Since the session began."""
    speaker: str
    words: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session as it was at one moment, for another thread to put into words."""

    session_id: str
    ip: str
    began_at: datetime
    seconds: float
    """From its begin to its newest line."""
    has_ended: bool
    tls: str
    sender: str
    """The address that logged in; empty: nobody did."""
    credential: Credential | None
    """Whose password was tried last, where it is or was one of ours."""
    user_name: str
    is_user_name_doubtful: bool
    has_odd_user_name: bool
    mail_count: int
    refusal_count: int
    began: float
    entries: Sequence[tuple[int, _Entry]]
    """With their numbers, which leave out what is not kept."""


class Transcript:
    """Give it every line of the client before it is acted on, and every reply."""

    __slots__ = (
        "_auth", "_began", "_began_at", "_between", "_dropped", "_expects_response",
        "_lines", "_long_bytes_left", "credential", "has_ended", "ip", "mail_count",
        "refusal_count", "sender", "session_id", "tls",
    )  # fmt: skip

    def __init__(self, session_id: str, ip: str, began_at: datetime) -> None:
        self.session_id, self.ip, self._began_at = session_id, ip, began_at
        self._began = monotonic()
        self._lines: list[_Entry] = []
        self._dropped = 0
        """Behind the first lines."""
        self._between: list[tuple[int, _Entry]] = []
        self._auth: AuthTrace | None = None
        self._expects_response = False
        self._long_bytes_left = _LONG_LINES_BYTES
        self.tls = ""
        self.sender = ""
        self.credential: Credential | None = None
        self.mail_count = 0
        self.refusal_count = 0
        self.has_ended = False

    # --- Told by the session ----------------------------------------------------------------------

    def said(self, line: bytes) -> None:
        """A line of the client, without its end."""
        what: bytes | str = line
        if self._expects_response:
            what = self._response(line)
        elif line[:5] not in _HARMLESS:
            what = self._without_secrets(line)
        elif len(line) > _LONG_LINE_BYTES:
            what = self._cut(line)
        self._lines.append((monotonic(), CLIENT, what))
        if len(self._lines) > _MOST_LINES:
            self._drop_some()

    def answered(self, wire: bytes) -> None:
        """A reply as it goes over the wire."""
        self._lines.append((monotonic(), SERVER, wire))
        first = wire[0]
        if first >= _FIRST_OF_A_REFUSAL:
            self._refused()
        elif first == _FIRST_OF_A_CHALLENGE and wire.startswith(b"334"):
            self._expects_response = True

    def sent_mail(self, count: int) -> None:
        """So many bytes of mail: all of a DATA, or one chunk of BDAT."""
        self._lines.append((monotonic(), CLIENT, count))

    def happened(self, words: str) -> None:
        """Something that nobody said: TLS began, the client left."""
        self._lines.append((monotonic(), EVENT, words))

    def went_over_to_tls(self, tls: str) -> None:
        """`tls`: version and cipher."""
        self.tls = tls
        self.happened(f"TLS is on: {tls}")

    def garbled(self, how: str) -> None:
        """A line whose bytes are gone, as in "too-long"."""
        self._expects_response = False
        self._lines.append((monotonic(), CLIENT, f"[no proper line: {how.replace('-', ' ')}]"))

    def left_unfinished(self, rest: bytes | bytearray) -> None:
        """What came of a line or of a handshake, and never became a command."""
        if rest.startswith(_TLS_RECORD):
            self.happened(TLS_INSTEAD)
        elif rest:
            words = in_bytes(len(rest), "of an unfinished line")
            self._lines.append((monotonic(), CLIENT, words))

    # --- For who writes it down -------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        return self._dropped + len(self._lines)

    @property
    def newest_at(self) -> float:
        """Monotonic seconds of the newest line, or of the begin."""
        return self._lines[-1][0] if self._lines else self._began

    @property
    def claimed(self) -> str:
        """Who it is about, as far as the session itself says: what sessions are grouped by."""
        return self.sender or (self._auth.user_name if self._auth else "")

    @property
    def is_silent(self) -> bool:
        """Whether it tells nothing: somebody looked whether the port is open, and left."""
        if self.refusal_count or len(self._lines) > _LINES_OF_A_LOOK:
            return False
        return all(
            what in _SAID_BY_A_LOOK if who is CLIENT else not _is_trouble(what)
            for _, who, what in self._lines
            if who is not SERVER
        )

    def snapshot(self) -> Snapshot:
        """As it is now."""
        auth = self._auth or AuthTrace()
        return Snapshot(
            self.session_id, self.ip, self._began_at, self.newest_at - self._began,
            self.has_ended, self.tls, self.sender, self.credential, auth.user_name,
            auth.is_doubtful, auth.has_odd_user_name, self.mail_count, self.refusal_count,
            self._began, self._numbered(),
        )  # fmt: skip

    # --- Inside -----------------------------------------------------------------------------------

    def _numbered(self) -> list[tuple[int, _Entry]]:
        first = enumerate(self._lines[:FIRST_LINES], 1)
        rest = self._lines[FIRST_LINES:]
        last = enumerate(rest[-LAST_LINES:], self.line_count - min(len(rest), LAST_LINES) + 1)
        return sorted({**dict(self._between), **dict(first), **dict(last)}.items())

    def _drop_some(self) -> None:
        dropped = len(self._lines) - FIRST_LINES - LAST_LINES
        del self._lines[FIRST_LINES : FIRST_LINES + dropped]
        self._dropped += dropped

    def _refused(self) -> None:
        self.refusal_count += 1
        if len(self._lines) > FIRST_LINES and len(self._between) < 2 * REFUSALS_BETWEEN:
            count = self.line_count
            self._between += ((count - 1, self._lines[-2]), (count, self._lines[-1]))

    def _response(self, line: bytes) -> str:
        self._expects_response = False
        return self._auth.went_on(line) if self._auth else in_bytes(len(line))

    def _cut(self, line: bytes) -> bytes:
        if len(line) <= _LONG_LINE_BYTES:
            return line
        keep = min(len(line), _MAX_LINE_BYTES, _LONG_LINE_BYTES + self._long_bytes_left)
        self._long_bytes_left -= keep - _LONG_LINE_BYTES
        left_out = len(line) - keep
        return line[:keep] + f" [{left_out:,} more bytes]".encode() if left_out else line

    def _without_secrets(self, line: bytes) -> bytes | str:
        """A verb and a length: an AUTH gone wrong may go on as if its lines were commands."""
        words = line.split(None, 1)
        if words and words[0].upper() == b"AUTH":
            self._auth = self._auth or AuthTrace()
            return self._auth.began(line)
        if line[:5].upper() in _HARMLESS:
            return self._cut(line)
        verb, _, rest = line.strip().partition(b" ")
        if line.startswith(_TLS_RECORD):
            return in_bytes(len(line), TLS_BYTES)
        if verb.upper() not in _VERBS:
            return in_bytes(len(line), "that are no command")
        return f"{verb.decode()} {in_bytes(len(rest))}" if rest else verb.decode()


def snapshot_lines(snapshot: Snapshot) -> list[Line]:
    """The dialogue in words, with a gap where lines are left out."""
    lines: list[Line] = []
    before = 0
    for number, (seconds, speaker, what) in snapshot.entries:
        milliseconds = max(0, round((seconds - snapshot.began) * 1000))
        if number > before + 1:
            lines.append(Line(milliseconds, GAP, str(number - before - 1)))
        lines.append(Line(milliseconds, speaker, _words(speaker, what)))
        before = number
    return lines


def _is_trouble(event: bytes | str | int) -> bool:
    return str(event).startswith((TLS_INSTEAD, TLS_FAILED, TLS_MISSING, MAIL_CUT_OFF))


def _words(speaker: Speaker, what: bytes | str | int) -> str:
    if isinstance(what, int):
        return in_bytes(what, MAIL_BYTES)
    if isinstance(what, str):
        return what
    if speaker == CLIENT and _CONTROLS.search(what):
        # Another line may hide in it.
        return f"{what[:4].decode()} {in_bytes(len(what) - 5)}"
    text = what.decode("utf-8", "replace").replace("\r\n", "\n").removesuffix("\n")
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    # Marks of direction and the like would make a line look like another one.
    is_shown = character.isprintable() or character == "\n"
    return character if is_shown else f"\\u{ord(character):04x}"
