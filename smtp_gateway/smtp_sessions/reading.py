"""Finds sessions for the console, and makes their dialogues readable. Reads only."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtp_gateway.models import Message, SmtpSession
from smtp_gateway.submission.transcript import CLIENT, EVENT, GAP, SERVER, Line

# Beyond every limit of a silent connection: its gateway must have been killed.
_SURELY_GONE = timedelta(hours=1)
_QUEUED = re.compile(r"250 2\.0\.0 Ok: queued as ([0-9A-Z]{16})\Z")
_SPEAKERS: dict[str, str] = {CLIENT: "Client", SERVER: "Server", EVENT: "Event"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of a dialogue."""

    at: str
    """Since the session began, as in "0.012 s" or "2 min 03 s"."""
    speaker: str
    name: str
    """The speaker in the text to be sent to somebody, which is English; empty for a gap."""
    words: str
    is_refusal: bool = False
    queue_id: str = ""
    """The mail that this reply accepted, where it can be looked at."""


def find_session(session_id: str) -> SmtpSession | None:
    return SmtpSession.objects.filter(session_id=session_id).first()


def is_kept(session_id: str) -> bool:
    """Whether there is a session to be read."""
    return bool(session_id) and SmtpSession.objects.filter(session_id=session_id).exists()


def kept(session_ids: Iterable[str]) -> set[str]:
    """Those of them that can be read."""
    found = SmtpSession.objects.filter(session_id__in=set(session_ids))
    return set(found.values_list("session_id", flat=True))


def is_open(session: SmtpSession, now: datetime) -> bool:
    """Whether it goes on, as far as is known."""
    return session.ended_at is None and session.seen_at > now - _SURELY_GONE


def dialogue(session: SmtpSession) -> list[Spoken]:
    lines = [Line(*line) for line in session.lines]
    queued = {match[1] for line in lines if (match := _QUEUED.match(line.words))}
    mails = Message.objects.filter(queue_id__in=queued).values_list("queue_id", flat=True)
    return [_spoken(line, set(mails)) for line in lines]


def as_text(spoken: Sequence[Spoken]) -> str:
    """The dialogue to be sent to somebody."""
    return "\n".join(
        f"{line.at:>10}  {line.name + ':' if line.name else '':<8}"
        f"{line.words if line.speaker != GAP else '...'}".replace("\n", "\n" + " " * 20)
        for line in spoken
    )


def _spoken(line: Line, mails: set[str]) -> Spoken:
    queued = _QUEUED.match(line.words)
    return Spoken(
        at=_since(line.milliseconds),
        speaker=line.speaker,
        name=_SPEAKERS.get(line.speaker, ""),
        words=line.words,
        is_refusal=line.speaker == SERVER and line.words[:1] in ("4", "5"),
        queue_id=queued[1] if queued and queued[1] in mails else "",
    )


def _since(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.3f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02} s"
