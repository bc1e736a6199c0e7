"""One look at all records of a domain, and what they prove together. Pure; looks are handed in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from senders.domains.alignment import Alignment, aligned
from senders.domains.dmarc import Txt, walk
from senders.domains.finding import Finding
from senders.domains.names import Names, NoAnswer
from senders.domains.records import Subject, look, wanted_records
from senders.domains.rules import Proof, proof_of

_ASSUMED = "v=DMARC1; p=none"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    records: tuple[Finding, ...]
    alignments: tuple[Alignment, ...]
    """Empty: DNS did not answer what it takes to tell."""
    signs_return_paths: bool = True
    """Whether mail left with return paths at that time, where they count."""

    @property
    def proof(self) -> Proof:
        return proof_of(self.records, self.alignments, signs_return_paths=self.signs_return_paths)

    @property
    def found_selectors(self) -> list[str]:
        """Of the DKIM keys whose records are there."""
        return [each.selector for each in self.records if each.kind == "dkim" and each.is_found]

    def to_json(self) -> dict[str, Any]:
        return {
            "records": [each.to_json() for each in self.records],
            "alignments": [asdict(each) for each in self.alignments],
            "signs_return_paths": self.signs_return_paths,
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "Report":
        return cls(
            tuple(Finding.of_json(each) for each in value.get("records", ())),
            tuple(Alignment(**each) for each in value.get("alignments", ())),
            value.get("signs_return_paths", True),
        )


def questions(subject: Subject) -> Iterator[tuple[str, str]]:
    """What is asked in any case, by name and type."""
    for record in wanted_records(subject):
        yield record.name, record.record_type
    yield subject.return_path_host, "A"
    yield subject.mail_host, "A"


def check(subject: Subject, names: Names) -> Report:
    records = tuple(look(record, subject, names) for record in wanted_records(subject))
    try:
        alignments = tuple(_alignments(subject, names))
    except NoAnswer:
        alignments = ()
    return Report(records, alignments, subject.signs_return_paths)


def _alignments(subject: Subject, names: Names) -> Sequence[Alignment]:
    record = walk(subject.domain, names.txt).applied
    txt = names.txt if record else _with_assumed(subject.domain, names.txt)
    return [
        aligned(identity, domain, author=subject.domain, record=record, txt=txt)
        for identity, domain in (
            ("dkim", subject.domain),
            ("return-path", subject.return_path_host),
        )
    ]


def _with_assumed(domain: str, txt: Txt) -> Txt:
    """As if the domain had published the record that is advised: until then nothing is compared."""

    def with_assumed(name: str) -> Sequence[str]:
        return [_ASSUMED] if name == f"_dmarc.{domain}" else txt(name)

    return with_assumed
