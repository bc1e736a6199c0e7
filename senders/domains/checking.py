"""One look at all records of a domain, and what they prove together. Pure; looks are handed in."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from senders.domains.alignment import Alignment
from senders.domains.authors import AuthorReport, alignments_of
from senders.domains.finding import Finding
from senders.domains.names import Names, NoAnswer
from senders.domains.records import Subject, look, wanted_records
from senders.domains.rules import Proof, proof_of
from senders.domains.verdict import Sent, Verdict, judged


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    records: tuple[Finding, ...]
    alignments: tuple[Alignment, ...]
    """Empty: DNS did not answer what it takes to tell."""
    signs_return_paths: bool = True
    """Whether mail left with return paths at that time, where they count."""
    below: tuple[AuthorReport, ...] = ()
    """Of the domains below that mail is from by the proof of this one."""

    @property
    def proof(self) -> Proof:
        return proof_of(self.records, self.alignments, signs_return_paths=self.signs_return_paths)

    def verdict(self, sent: Sent) -> Verdict:
        """On mail that is from this domain, or from one below it."""
        author = self.author(sent.author)
        if author is None:
            return judged(sent, self.records, self.alignments)
        return judged(sent, (*self.records, *author.records), author.alignments)

    def author(self, domain: str) -> AuthorReport | None:
        """What was found of `domain`, where that is one below."""
        return next((each for each in self.below if each.domain == domain), None)

    @property
    def found_selectors(self) -> list[str]:
        """Of the DKIM keys whose records are there."""
        return [each.selector for each in self.records if each.kind == "dkim" and each.is_found]

    def to_json(self) -> dict[str, Any]:
        return {
            "records": [each.to_json() for each in self.records],
            "alignments": [asdict(each) for each in self.alignments],
            "signs_return_paths": self.signs_return_paths,
            "below": [each.to_json() for each in self.below],
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "Report":
        return cls(
            tuple(Finding.of_json(each) for each in value.get("records", ())),
            tuple(Alignment(**each) for each in value.get("alignments", ())),
            value.get("signs_return_paths", True),
            tuple(AuthorReport.of_json(each) for each in value.get("below", ())),
        )


def questions(subject: Subject) -> Iterator[tuple[str, str]]:
    """What is asked in any case, by name and type."""
    for record in wanted_records(subject):
        yield record.name, record.record_type
    yield subject.return_path_host, "A"
    yield subject.mail_host, "A"


def check(subject: Subject, names: Names) -> Report:
    """The domain itself; `look_at_author` looks at those below it."""
    records = tuple(look(record, subject, names) for record in wanted_records(subject))
    identities = [("dkim", subject.domain), ("return-path", subject.return_path_host)]
    try:
        alignments = alignments_of(subject.domain, identities, subject, names)
    except NoAnswer:
        alignments = ()
    return Report(records, alignments, subject.signs_return_paths)
