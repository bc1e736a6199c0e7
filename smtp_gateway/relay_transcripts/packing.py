"""The dialogues of a batch of outcomes as one compact piece, and back. Pure.

Dialogues of one connection share its opening, and nearly all dialogues are alike: together they
take a tenth of the room that each would need alone, and one row instead of hundreds. Every mail
pays for this, so it is JSON's and zlib's own code that does the work.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from smtp_gateway.relay_transcripts.notes import (
    Dialogue,
    Event,
    Note,
    Opening,
    Spoken,
    concealed,
)

Speaker = Literal["client", "server", "event", "gap"]

LONGEST_CHARS = 8 * 1024
"""Of a dialogue, and of an opening; its middle is left out where it is longer."""
_ALL_CHARS = 1024 * 1024
_LONGEST_LINE_CHARS = 2000
# What begins with a digit is a reply, and no command does.
_EVENT, _GAP = "*", "…"
# Between commands that went out together, which have no line ends inside.
_NEXT = "\n"
_LEVEL = 1

Lines = list[int | str]
"""Milliseconds and words in turn."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a dialogue, or one reply of several."""

    milliseconds: int
    """Since the connection was begun, or the transaction; negative: had gone out before it."""
    speaker: Speaker
    words: str
    """Of an event its code; of a gap the number of lines left out."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transaction as it was kept."""

    relay: str
    """The machine that the relay ran on."""
    recipients: int
    """How many shared it."""
    opening: Sequence[Line]
    opened_before_ms: int
    """How long before the transaction the connection was begun."""
    mail_number: int
    """Which mail of its connection; 0: there was no connection."""
    lines: Sequence[Line]


def pack(dialogues: Iterable[tuple[int, Dialogue]], *, relay: str) -> bytes | None:
    """One piece of the dialogue of each delivery id; None: there is none at all."""
    sharing: dict[int, tuple[Dialogue, list[int]]] = {}
    for delivery_id, dialogue in dialogues:
        sharing.setdefault(id(dialogue), (dialogue, []))[1].append(delivery_id)
    if not sharing:
        return None
    longest = min(LONGEST_CHARS, _ALL_CHARS // len(sharing))
    places: dict[int, int] = {}
    openings: list[Lines] = []
    packed: list[Any] = []
    for dialogue, delivery_ids in sharing.values():
        opening, began = dialogue.opening, dialogue.began
        place = places.get(id(opening))
        if place is None:
            place = places[id(opening)] = len(openings)
            openings.append(_lines(opening.notes, _began(opening), opening.secrets, longest))
        before = round((began - _began(opening)) * 1000) if opening.notes else 0
        lines = _lines(dialogue.notes, began, opening.secrets, longest)
        packed.append((delivery_ids, place, before, dialogue.mail_number, lines))
    text = json.dumps((relay, openings, packed), ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "replace"), _LEVEL)


def unpack(packed: bytes) -> dict[int, Transcript]:
    """By delivery id."""
    relay, openings, dialogues = json.loads(zlib.decompress(packed))
    return {
        delivery_id: Transcript(
            relay=relay,
            recipients=len(delivery_ids),
            opening=_unpacked(openings[place]),
            opened_before_ms=before,
            mail_number=number,
            lines=_unpacked(lines),
        )
        for delivery_ids, place, before, number, lines in dialogues
        for delivery_id in delivery_ids
    }


def _began(opening: Opening) -> float:
    return opening.notes[0][0] if opening.notes else 0.0


def _lines(notes: Sequence[Note], began: float, secrets: Sequence[str], longest: int) -> Lines:
    lines: Lines = []
    size = 0
    for at, what in notes:
        words = what if isinstance(what, str) else _words(what)
        size += len(words)
        lines += (int((at - began) * 1000), words)
    if secrets:
        lines = [concealed(each, secrets) if isinstance(each, str) else each for each in lines]
    return lines if size <= longest else _shortened(lines, longest)


def _words(what: Sequence[str] | Spoken | Event) -> str:
    if isinstance(what, list):
        return _NEXT.join(what)
    if isinstance(what, Event):
        return f"{_EVENT}{what.code} {what.detail}"
    return what.lines_said()  # type: ignore[union-attr]


def _shortened(lines: Lines, longest: int) -> Lines:
    """The beginning and the end, which tell most; a gap says how many lines stood between."""
    pairs = list(_short_pairs(lines, min(_LONGEST_LINE_CHARS, longest // 4)))
    head: list[tuple[int, str]] = []
    tail: list[tuple[int, str]] = []
    left = longest
    while pairs and len(pairs[0][1]) <= left - longest // 2:
        head.append(pairs.pop(0))
        left -= len(head[-1][1])
    while pairs and len(pairs[-1][1]) <= left:
        tail.append(pairs.pop())
        left -= len(tail[-1][1])
    gap = [(pairs[0][0], f"{_GAP}{len(pairs)}")] if pairs else []
    return [each for pair in (*head, *gap, *reversed(tail)) for each in pair]


def _short_pairs(lines: Lines, longest: int) -> Iterator[tuple[int, str]]:
    """Time and words of each line, commands that went out together one by one."""
    for n in range(0, len(lines), 2):
        words = str(lines[n + 1])
        commands = [words] if words[:1].isdigit() else words.split(_NEXT)
        for each in commands:
            yield int(lines[n]), each[:longest]


def _unpacked(lines: Lines) -> list[Line]:
    return [_line(*pair) for pair in _short_pairs(lines, LONGEST_CHARS)]


def _line(milliseconds: int, words: str) -> Line:
    kind = words[:1]
    if kind == _EVENT:
        code, _, detail = words[1:].partition(" ")
        return Line(milliseconds, "event", code, detail)
    if kind == _GAP:
        return Line(milliseconds, "gap", words[1:])
    return Line(milliseconds, "server" if kind.isdigit() else "client", words)
