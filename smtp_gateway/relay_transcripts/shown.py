"""Finds what was said in attempts, and makes it readable. Reads only."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from smtp_gateway.models import Attempt, RelayTranscript
from smtp_gateway.relay_transcripts.packing import Line, Transcript, unpack
from smtp_gateway.relay_transcripts.wording import event_sentence, gap_sentence


class Kept(Enum):
    """Whether there is something to be read."""

    YES = "yes"
    NOT_ANY_MORE = "not-any-more"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line, for the page."""

    at: str
    """Since the connection was begun, or the transaction, as in "0.012 s"."""
    speaker: str
    words: str

    @property
    def is_refusal(self) -> bool:
        return self.speaker == "server" and self.words[:1] in ("4", "5")


@dataclass(frozen=True, slots=True)
class ShownDialogue:
    """What was said in one attempt."""

    kept: Kept
    relay: str = ""
    recipients: int = 0
    opened_before: str = ""
    """How long before the transaction its connection was opened; empty: for this one."""
    mail_number: int = 0
    opening: Sequence[ShownLine] = ()
    lines: Sequence[ShownLine] = ()


_NEVER, _GONE = ShownDialogue(Kept.NEVER), ShownDialogue(Kept.NOT_ANY_MORE)


def dialogues_of(attempts: Iterable[Attempt]) -> Mapping[int, ShownDialogue]:
    """By the attempt's id, of each of them."""
    wanted = list(attempts)
    ids = {attempt.transcript_id for attempt in wanted if attempt.transcript_id is not None}
    rows = RelayTranscript.objects.filter(pk__in=ids).values_list("pk", "packed") if ids else ()
    found = {pk: _readable(bytes(packed)) for pk, packed in rows}
    return {attempt.pk: _of(attempt, found) for attempt in wanted}


def _of(attempt: Attempt, found: Mapping[int, Mapping[int, Transcript]]) -> ShownDialogue:
    if attempt.transcript_id is None:
        return _NEVER
    if attempt.transcript_id not in found:
        return _GONE
    transcript = found[attempt.transcript_id].get(attempt.delivery_id)
    return _shown(transcript) if transcript else _NEVER


def _readable(packed: bytes) -> Mapping[int, Transcript]:
    """What a later version may have packed in another way is as good as gone."""
    try:
        return unpack(packed)
    except (zlib.error, ValueError, TypeError):
        return {}


def _shown(transcript: Transcript) -> ShownDialogue:
    is_reused = transcript.mail_number > 1
    return ShownDialogue(
        Kept.YES,
        relay=transcript.relay,
        recipients=transcript.recipients,
        opened_before=_seconds(transcript.opened_before_ms) if is_reused else "",
        mail_number=transcript.mail_number,
        opening=[_line(line) for line in transcript.opening],
        lines=[_line(line) for line in transcript.lines],
    )


def _line(line: Line) -> ShownLine:
    sentence = {"event": event_sentence, "gap": gap_sentence}.get(line.speaker)
    words = sentence(line) if sentence else line.words
    return ShownLine(_seconds(line.milliseconds), line.speaker, words)


def _seconds(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.3f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02} s"
