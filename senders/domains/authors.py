"""Domains below one that was added: how receivers judge mail that is from them. Pure.

Strict alignment, `sp`, `np` and records of their own make another thing of it than of mail from the
domain itself, though the same keys sign it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from senders.domains.alignment import Alignment, aligned
from senders.domains.dmarc import Txt, walk
from senders.domains.finding import Finding
from senders.domains.names import Names, NoAnswer
from senders.domains.records import DMARC_ADVISED, Author, Subject, author_records, look


@dataclass(frozen=True, slots=True)
class AuthorReport:
    """What a check found of one domain in From."""

    domain: str
    records: tuple[Finding, ...]
    """Its own SPF, and its own DKIM keys, if it has any that sign."""
    alignments: tuple[Alignment, ...]
    """Empty: DNS did not answer what it takes to tell."""
    policy: str
    """What receivers are asked to do with mail that fails; empty: nothing."""

    def to_json(self) -> dict[str, Any]:
        return {
            "domain": self.domain,
            "records": [each.to_json() for each in self.records],
            "alignments": [asdict(each) for each in self.alignments],
            "policy": self.policy,
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "AuthorReport":
        return cls(
            value["domain"],
            tuple(Finding.of_json(each) for each in value["records"]),
            tuple(Alignment(**each) for each in value["alignments"]),
            value["policy"],
        )


def author_questions(subject: Subject) -> Iterator[tuple[str, str]]:
    """What is asked of all authors in any case, by name and type."""
    for author in subject.authors:
        yield f"_dmarc.{author.domain}", "TXT"
        for record in author_records(author, subject):
            yield record.name, record.record_type


def look_at_author(author: Author, subject: Subject, names: Names) -> AuthorReport:
    records = tuple(look(record, subject, names) for record in author_records(author, subject))
    try:
        alignments, policy = _alignments(author, subject, names)
    except NoAnswer:
        alignments, policy = (), ""
    return AuthorReport(author.domain, records, alignments, policy)


def alignments_of(
    domain: str, identities: Sequence[tuple[str, str]], subject: Subject, names: Names
) -> tuple[Alignment, ...]:
    """Of these identities with `domain` in From. Raises NoAnswer."""
    record = walk(domain, names.txt).applied
    txt = names.txt if record else _with_advised(subject.domain, names.txt)
    return tuple(
        aligned(identity, each, author=domain, record=record, txt=txt)
        for identity, each in identities
    )


def _alignments(
    author: Author, subject: Subject, names: Names
) -> tuple[tuple[Alignment, ...], str]:
    signed_by = author.domain if author.keys else subject.domain
    identities = [("dkim", signed_by), ("return-path", subject.return_path_host)]
    applied = walk(author.domain, names.txt).applied
    exists = applied is not None and names.exists(author.domain)
    policy = applied.policy_for(author.domain, exists=exists) if applied else ""
    return alignments_of(author.domain, identities, subject, names), policy


def _with_advised(domain: str, txt: Txt) -> Txt:
    """As if the domain had published the record that is advised: until then nothing is compared."""

    def with_advised(name: str) -> Sequence[str]:
        return [DMARC_ADVISED] if name == f"_dmarc.{domain}" else txt(name)

    return with_advised
