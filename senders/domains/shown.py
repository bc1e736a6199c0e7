"""A sender domain as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from senders.dkim_key import DkimKey, KeyState
from senders.dkim_record import TxtRecord
from senders.dkim_services import can_sign
from senders.domains.alignment import Alignment
from senders.domains.checking import Report
from senders.domains.finding import Finding
from senders.domains.reading import former_hosts
from senders.domains.records import wanted_records
from senders.domains.services import subject_of
from senders.domains.shown_authors import ShownAuthor, shown_authors
from senders.domains.wording import (
    ADVISED,
    IDENTITIES,
    IDLE_RETURN_PATH,
    NEEDS,
    PURPOSES,
    STATES,
    Words,
    lacks_in_words,
    note_of,
    problem_of,
    title_of,
)
from senders.models import FormerReturnHost, SenderDomain
from senders.sender_domain import DomainState

RECORD_KEPT = timedelta(days=7)
"""How long the record of a retired key is needed: mail waits for days, and is verified later."""

Shown = Literal["pending", "verified", "failing", "stopped"]


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """One record to publish, beside what is there."""

    finding: Finding
    domain: str
    is_checked: bool
    is_idle: bool = False
    """A return path that leads here, and is not used for now."""

    @property
    def title(self) -> str:
        return title_of(self.finding)

    @property
    def purpose(self) -> Words:
        return PURPOSES[self.finding.kind]

    @property
    def need(self) -> Words:
        return NEEDS.get(self.finding.kind, ADVISED)

    @property
    def badge(self) -> tuple[str, str, Words]:
        """Kind, icon and word."""
        return STATES[self.finding.state if self.is_checked else "unchecked"]

    @property
    def problem(self) -> str:
        return problem_of(self.finding) if self.is_checked else ""

    @property
    def is_wrong(self) -> bool:
        """Something other than that nobody has published it yet."""
        return bool(self.problem) and self.finding.problem != "nothing-there"

    @property
    def note(self) -> str:
        return str(IDLE_RETURN_PATH) if self.is_idle else note_of(self.finding)

    @property
    def host_part(self) -> str:
        """Its name as forms of DNS providers take it; `@` is the domain itself."""
        name = self.finding.name.removesuffix(self.domain).removesuffix(".")
        return name or "@"

    @property
    def value(self) -> str:
        is_host = self.finding.record_type == "MX"
        return f"{self.finding.wanted}." if is_host else self.finding.wanted

    @property
    def strings(self) -> str:
        """A long value as those take it who have forms for 255 characters; empty: it is short."""
        text = self._text
        return text.quoted if len(text.strings) > 1 else ""

    @property
    def zone_line(self) -> str:
        if self.finding.record_type == "TXT":
            return self._text.zone_line
        return f"{self.finding.name}. IN {self.finding.record_type} {self.value}"

    @property
    def _text(self) -> TxtRecord:
        return TxtRecord(self.finding.name, self.finding.wanted)


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A DKIM key, and what is to be done about its record."""

    key: DkimKey
    now: datetime

    @property
    def can_sign(self) -> bool:
        return can_sign(self.key)

    @property
    def keep_until(self) -> datetime | None:
        """Until then the record of a retired key stays in DNS; None: it may go, or must stay."""
        retired = self.key.retired_at
        until = retired + RECORD_KEPT if retired else None
        return until if until and until > self.now else None


@dataclass(frozen=True, slots=True)
class ShownAlignment:
    """One identity beside the domain of From."""

    alignment: Alignment

    @property
    def identity(self) -> Words:
        return IDENTITIES[self.alignment.identity]


@dataclass(frozen=True)
class ShownDomain:
    """All of it, from what is stored: no look at DNS."""

    row: SenderDomain
    report: Report
    records: Sequence[ShownRecord]
    keys: Sequence[ShownKey]
    authors: Sequence[ShownAuthor]
    """Domains below that mail is from."""
    former_hosts: Sequence[FormerReturnHost]
    """That reports on its mail may still come back to."""
    now: datetime

    @property
    def state(self) -> Shown:
        return shown_state(self.row, self.now)

    @property
    def is_checking(self) -> bool:
        return self.row.check_requested_at is not None or self.row.checked_at is None

    @property
    def lacks(self) -> str:
        proof = self.report.proof
        return lacks_in_words(owns=proof.owns, signs=proof.signs, spf_aligned=proof.spf_aligned)

    @property
    def missing(self) -> Sequence[ShownRecord]:
        return [each for each in self.records if not each.finding.is_found]

    @property
    def alignments(self) -> Sequence[ShownAlignment]:
        return [ShownAlignment(each) for each in self.report.alignments]

    @property
    def has_dmarc(self) -> bool:
        return any(each.kind == "dmarc" and each.is_found for each in self.report.records)

    @property
    def has_waiting_keys(self) -> bool:
        return any(each.key.state is KeyState.NEW for each in self.keys)

    @property
    def is_rotating(self) -> bool:
        """New keys wait for their records while others sign."""
        states = {each.key.state for each in self.keys}
        return {KeyState.NEW, KeyState.ACTIVE} <= states

    @property
    def zone_file(self) -> str:
        return "\n".join(each.zone_line for each in self.records)


def show(row: SenderDomain, now: datetime) -> ShownDomain:
    report = Report.of_json(row.findings)
    keys = DkimKey.objects.present().of_domains([row.domain])
    keys_shown = [ShownKey(key, now) for key in keys]
    authors, former = shown_authors(row, report), former_hosts(row, now)
    return ShownDomain(row, report, _records(row, report), keys_shown, authors, former, now)


def _records(row: SenderDomain, report: Report) -> list[ShownRecord]:
    looked_at = {(each.kind, each.name): each for each in report.records}
    is_idle = row.return_path_verified_at is None
    return [
        ShownRecord(
            found := looked_at.get((each.kind, each.name), each),
            row.domain,
            is_checked=(each.kind, each.name) in looked_at,
            is_idle=is_idle and found.kind == "return-path" and found.is_found,
        )
        for each in wanted_records(subject_of(row))
    ]


def shown_state(row: SenderDomain, now: datetime) -> Shown:
    """Its state, with `stopped` for one whose time of grace is over."""
    if row.state == DomainState.FAILING:
        return "failing" if row.counts(now) else "stopped"
    return "verified" if row.state == DomainState.VERIFIED else "pending"
