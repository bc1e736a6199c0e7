"""What is noted of a conversation with a next hop while it goes on. Pure.

Every mail pays for this: a note is a time and a reference, and becomes text only when a batch of
outcomes is recorded. Secrets become their lengths before they are noted; a mail is only its size.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Spoken(Protocol):
    """A reply."""

    def lines_said(self) -> str:
        """All of it as it came, code and all, a line each."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened beside the words; the console has a sentence for each code."""

    code: str
    detail: str = ""


Note = tuple[float, str | Sequence[str] | Spoken | Event]
"""When, by the monotonic clock, and what: a command, commands that went out together, a reply."""

# A shorter one is no secret, and the text would be full of brackets.
_SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What was said until mail could be sent, or until that failed; one for many mails."""

    notes: Sequence[Note] = ()
    secrets: Sequence[str] = field(default=(), repr=False)
    """What a server may repeat and nobody may see."""

    def after(self, *earlier: "Opening") -> "Opening":
        """This one, with what had been tried before it."""
        notes = [note for opening in (*earlier, self) for note in opening.notes]
        secrets = {secret for opening in (*earlier, self) for secret in opening.secrets}
        return Opening(notes, sorted(secrets, key=len, reverse=True))


NO_OPENING = Opening()


@dataclass(frozen=True, slots=True, eq=False)
class Dialogue:
    """One transaction, and the opening of its connection."""

    opening: Opening
    began: float
    mail_number: int
    """Which mail of its connection; 0: there was no connection."""
    notes: Sequence[Note] = ()


def secrets_of(user: str, password: str) -> tuple[str, ...]:
    """What of a log-in nobody may see, as it is and as it goes over the wire; the longest first."""
    plain = [password, f"\0{user}\0{password}"] if password else []
    encoded = [base64.b64encode(text.encode()).decode() for text in plain]
    found = [text for text in (*encoded, *plain) if len(text) >= _SHORTEST_SECRET]
    return tuple(sorted(found, key=len, reverse=True))


def concealed(words: str, secrets: Sequence[str]) -> str:
    """`words` with the length of each secret in its place."""
    for secret in secrets:
        words = words.replace(secret, size_in_brackets(secret))
    return words


def without_response(command: str, *, is_first: bool) -> str:
    """A line of a log-in without what proves who we are (RFC 4954)."""
    if not is_first:
        return size_in_brackets(command)
    verb, _, rest = command.partition(" ")
    mechanism, _, response = rest.partition(" ")
    return f"{verb} {mechanism}{f' {size_in_brackets(response)}' if response else ''}"


def size_in_brackets(text: str) -> str:
    """As in [12 bytes]."""
    size = len(text.encode())
    return f"[{size} byte{'' if size == 1 else 's'}]"
