"""Mail in forms of its own, without a standard's report: known by rules, read by rules. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.returns.reading.parts import Parts
from smtp_gateway.returns.reading.said import MAX_DIAGNOSTIC_CHARS, Kind, Said

# Regular expressions are tried on no more than this of a mail.
_READ_CHARS = 16 * 1024
_REPLY_LINE = re.compile(r"(?:^|[\s:(>])([45]\d\d[ -]#?(?:[45]\.\d{1,3}\.\d{1,3})?[^\n]{1,500})")
_STATUS = re.compile(r"(?<![\d.])#?([245]\.\d{1,3}\.\d{1,3})(?![\d.]|\.\d)")


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a mail: what a pattern's group finds in its text, or a header field."""

    pattern: re.Pattern[str] | None = None
    header: str = ""

    def find(self, parts: Parts, text: str) -> str:
        """What stands there; empty: nothing does."""
        if self.pattern is None:
            return parts.first(self.header)
        found = self.pattern.search(text)
        return found[1].strip() if found and found.groups() else ""


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind of mail looks; all its texts are in lower case."""

    name: str
    kind: Kind
    sender: Sequence[str] = ()
    subject: Sequence[str] = ()
    begins: Sequence[str] = ()
    headers: Sequence[tuple[str, str]] = ()
    """Name, and what stands in the field; empty: anything."""
    says: Sequence[str] = ()
    recipient: Sequence[Where] = ()
    reason: Sequence[Where] = ()

    def fits(self, looks: "Looks") -> bool:
        """Whether all that it has fits."""
        return (
            (not self.sender or _any_in(self.sender, looks.sender))
            and (not self.subject or _any_in(self.subject, looks.subject))
            and (not self.begins or looks.subject.startswith(tuple(self.begins)))
            and (not self.headers or any(looks.has(*each) for each in self.headers))
            and (not self.says or _any_in(self.says, looks.words))
        )


@dataclass(frozen=True, slots=True)
class Looks:
    """What forms are compared with, in lower case, each run of blanks as one."""

    parts: Parts
    sender: str
    subject: str
    words: str

    def has(self, name: str, value: str) -> bool:
        """Whether a field of that name is there, with `value` in it."""
        return any(value in each.lower() for each in self.parts.headers.get(name, ()))


def read_form(parts: Parts, forms: Sequence[Form]) -> Said | None:
    """What the first form that fits reads; None: none does."""
    text = parts.text[:_READ_CHARS]
    looks = Looks(
        parts,
        parts.first("from").lower() or "<>",
        " ".join(parts.first("subject").lower().split()),
        " ".join(text.lower().split()),
    )
    form = next((each for each in forms if each.fits(looks)), None)
    if form is None:
        return None
    if form.kind not in ("failed", "delayed"):
        return Said(form.kind, read_by=form.name)
    reason = _first(form.reason, parts, text) or _reply_in(text)
    return Said(
        form.kind,
        read_by=form.name,
        recipient=_first(form.recipient, parts, text).strip("<>,;:'\"")[:320],
        status=_status_in(reason),
        diagnostic=" ".join(reason.split())[:MAX_DIAGNOSTIC_CHARS],
    )


def _first(places: Sequence[Where], parts: Parts, text: str) -> str:
    return next((found for place in places if (found := place.find(parts, text))), "")


def _reply_in(text: str) -> str:
    found = _REPLY_LINE.search(text)
    return found[1] if found else ""


def _status_in(reason: str) -> str:
    found = _STATUS.search(reason)
    return found[1] if found else ""


def _any_in(texts: Sequence[str], said: str) -> bool:
    return any(text in said for text in texts)
