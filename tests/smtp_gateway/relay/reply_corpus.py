"""Replies as real servers word them, each with what it means: `tests/data/replies/`."""

from dataclasses import dataclass
from pathlib import Path

from smtp_gateway.relay.reply import Reply, ReplyReader
from smtp_gateway.relay.stage import Stage

_FOLDER = Path(__file__).parents[2] / "data" / "replies"


@dataclass(frozen=True, slots=True)
class Example:
    """One reply, and what is expected of it."""

    place: str
    stage: Stage
    category: str
    fault: str
    reply: Reply


def examples() -> list[Example]:
    """All of them, in the order of files and lines."""
    return [
        _example(f"{path.stem}:{number}", line)
        for path in sorted(_FOLDER.glob("*.txt"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if not line.startswith("#")
    ]


def _example(place: str, line: str) -> Example:
    stage, category, fault, said = line.split(" | ", 3)
    (reply,) = ReplyReader().feed(said.replace("\\n", "\r\n").encode() + b"\r\n")
    return Example(place, Stage[stage], category, fault, reply)
