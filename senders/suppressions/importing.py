"""Lists of suppressions that somebody brings: read line by line, looked at, then written.

A line is an address or a domain, or the fields that the header line names; what a line does not
say holds as it was chosen for all. To import a list twice changes nothing the second time. What
had ended when it was exported is passed over: who was lifted gets mail.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from senders.audit.recording import Target, record
from senders.errors import InvalidField
from senders.suppression import Reason, Suppression
from senders.suppressions.services import entry_of
from senders.suppressions.target import read_target
from senders.suppressions.whose import is_sender, no_such_sender, sender_form
from senders.suppressions.writing import Entry, write

BATCH = 1000
_MOST_FAULTS = 200
_MOST_TEXT = 2000
_OTHER_NAMES = {
    **dict.fromkeys(("address", "email", "e-mail", "email_address"), "target"),
    **dict.fromkeys(("recipient", "domain"), "target"),
    "expires": "expires_at",
    "until": "expires_at",
    "created": "created_at",
    "since": "created_at",
    "comment": "note",
}  # fmt: skip
_COLUMNS = (
    "target", "reason", "scope", "sender_address", "mail_type", "created_at", "expires_at",
    "category", "evidence", "note", "queue_id",
)  # fmt: skip
_ENDED = ("ended_at", "lifted_at")
_LENGTHS = {"category": 40, "evidence": _MOST_TEXT, "note": 500, "queue_id": 16}


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be taken, and why."""

    line: int
    text: str
    why: str


@dataclass(slots=True)
class Finding:
    """What is in a list, or what came of it."""

    lines: int = 0
    """Those that are not empty and no header."""
    new: int = 0
    known: int = 0
    """Those that hold already, or stand in the list twice."""
    ended: int = 0
    """Those that say that they hold no more."""
    bad: int = 0
    faults: list[Fault] = field(default_factory=list)
    """The first of them."""

    def note(self, fault: Fault) -> None:
        self.bad += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(fault)

    def as_json(self) -> dict[str, Any]:
        faults = [[fault.line, fault.text, fault.why] for fault in self.faults]
        return {"lines": self.lines, "new": self.new, "known": self.known, "ended": self.ended,
                "bad": self.bad, "faults": faults}  # fmt: skip


def look(lines: Iterable[str], choices: Mapping[str, str], now: datetime) -> Finding:
    """What an import would do."""
    return _walk(lines, choices, now, is_dry=True)


def import_list(lines: Iterable[str], choices: Mapping[str, str], now: datetime) -> Finding:
    """Writes what can be taken, a part at a time: who stops in between imports the list again."""
    finding = _walk(lines, choices, now, is_dry=False)
    if finding.new:
        facts = {"count": finding.new, "reason": choices.get("reason") or Reason.MANUAL}
        record(action="suppression.imported", on=Target("suppression"), after=facts)
    return finding


def _walk(
    lines: Iterable[str], choices: Mapping[str, str], now: datetime, *, is_dry: bool
) -> Finding:
    finding, seen = Finding(), set[tuple[str, ...]]()
    entries = _entries(lines, choices, now, finding)
    while batch := list(islice(entries, BATCH)):
        fresh = {entry.identity: entry for entry in batch if entry.identity not in seen}
        new = _new(list(fresh.values()), now)
        if is_dry:
            seen.update(fresh)
        else:
            # From now on the table knows them.
            write(list(fresh.values()), counts_again=False)
        finding.new += new
        finding.known += len(batch) - new
    return finding


def _new(entries: Sequence[Entry], now: datetime) -> int:
    rows = Suppression.objects.living(now).filter(target__in=[entry.target for entry in entries])
    known = set(rows.values_list("target", "reason", "scope", "sender_address", "mail_type"))
    return sum(entry.identity not in known for entry in entries)


def _entries(
    lines: Iterable[str], choices: Mapping[str, str], now: datetime, finding: Finding
) -> Iterator[Entry]:
    reader, knows = csv.reader(_clean(lines)), cache(is_sender)
    columns: Sequence[str] | None = None
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            finding.note(Fault(reader.line_num, "", str(error)))
            continue
        if columns is None and any(cells):
            columns = _header(cells)
            if columns is not None:
                continue
            columns = ("target",)
        if not any(cells):
            continue
        finding.lines += 1
        told = dict(zip(columns or (), cells, strict=False))
        if any(told.get(name) for name in _ENDED):
            finding.ended += 1
            continue
        try:
            entry = _entry(told, choices, now)
            _check_sender(entry.sender_address, knows)
            yield entry
        except InvalidField as error:
            finding.note(Fault(reader.line_num, ",".join(cells)[:100], str(error)))


def _clean(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", "").removeprefix("\ufeff")


def _header(cells: Sequence[str]) -> Sequence[str] | None:
    """The columns that a first line names; None: it is a line like the others."""
    names = [cell.lower().replace(" ", "_") for cell in cells]
    names = [_OTHER_NAMES.get(name, name) for name in names]
    return names if "target" in names else None


def _entry(told: Mapping[str, str], choices: Mapping[str, str], now: datetime) -> Entry:
    values = {name: _plain(told.get(name, "")) or choices.get(name, "") for name in _COLUMNS}
    reason = values["reason"] or Reason.MANUAL
    texts = {name: values[name][:length] for name, length in _LENGTHS.items()}
    return entry_of(
        reason=reason,
        target=read_target(values["target"]),
        scope=values["scope"],
        sender_address=sender_form(values["sender_address"]),
        mail_type=values["mail_type"],
        created_at=_moment("created_at", values["created_at"], latest=now),
        expires_at=_moment("expires_at", values["expires_at"]),
        now=now,
        **texts,
    )


def _check_sender(address: str, knows: Callable[[str], bool]) -> None:
    if address and not knows(address):
        raise no_such_sender(address)


def _plain(cell: str) -> str:
    """Without the mark that keeps spreadsheets from taking a cell for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\uff1d") else cell


def _moment(name: str, text: str, latest: datetime | None = None) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
        at = parse_datetime(f"{text}T00:00:00" if day else text)
    except ValueError:
        at = None
    if at is None:
        raise InvalidField(name, _("“%(text)s” is no day, as in 2026-12-31.") % {"text": text[:40]})
    at = at if timezone.is_aware(at) else timezone.make_aware(at)
    return at if latest is None else min(at, latest)
