"""DMARC records, the DNS tree walk and what follows from it (RFC 9989 section 4). Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from senders.domains.tags import read_tags

MOST_QUERIES = 8
"""A name of more labels is cut to one label less than that after the first query."""
_POLICIES = ("none", "quarantine", "reject")

Txt = Callable[[str], Sequence[str]]
"""The TXT records of a name."""


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A record that counts, and the domain at whose `_dmarc` it stands."""

    domain: str
    text: str
    policy: str
    """`p`, as it is acted on: `none`, `quarantine`, `reject`; empty: not at all."""
    subdomain_policy: str
    """`sp`; where it is not said, `p`."""
    missing_policy: str
    """`np`, for subdomains that do not exist; where it is not said, `sp`."""
    dkim_is_strict: bool
    spf_is_strict: bool
    psd: str
    """`y`, `n` or `u`: whether the domain is a public suffix."""
    is_testing: bool
    has_reports: bool
    """Whether somebody is told how receivers judge (`rua`)."""

    def policy_for(self, author: str, *, exists: bool) -> str:
        """What receivers do with mail of `author` that fails."""
        if author == self.domain:
            return self.policy
        return self.subdomain_policy if exists else self.missing_policy


@dataclass(frozen=True, slots=True)
class Walk:
    """What one tree walk found, from the longest domain to the shortest."""

    start: str
    records: tuple[DmarcRecord, ...]

    @property
    def organizational_domain(self) -> str:
        """RFC 9989 section 4.10.2."""
        for record in self.records:
            if record.psd == "n":
                return record.domain
            if record.psd == "y" and record.domain != self.start:
                return _one_below(record.domain, self.start)
        return self.records[-1].domain if self.records else self.start

    @property
    def applied(self) -> DmarcRecord | None:
        """RFC 9989 section 4.10.1: of the domain, of its organization, of its public suffix."""
        by_domain = {record.domain: record for record in self.records}
        of_suffix = next((each.domain for each in self.records if each.psd == "y"), "")
        places = (self.start, self.organizational_domain, of_suffix)
        return next((by_domain[place] for place in places if place in by_domain), None)


def walk(domain: str, txt: Txt) -> Walk:
    """RFC 9989 section 4.10: at most 8 queries."""
    found = []
    for name in names_to_ask(domain):
        record = _the_one(name, txt(f"_dmarc.{name}"))
        if record is not None:
            found.append(record)
            if record.psd == "n" or (record.psd == "y" and name != domain):
                break
    return Walk(domain, tuple(found))


def names_to_ask(domain: str) -> Iterator[str]:
    """`domain`, then the names above it, so that there are 8 at most."""
    yield domain
    labels = domain.split(".")[1:]
    labels = labels[-(MOST_QUERIES - 1) :]
    while labels:
        yield ".".join(labels)
        labels = labels[1:]


def read_record(domain: str, text: str) -> DmarcRecord | None:
    """None: this is no DMARC record. Errors behind the version count as the defaults."""
    # The version has to come first, and in these letters.
    if read_tags(text.partition(";")[0]) != {"v": "DMARC1"}:
        return None
    tags = _readable(text)
    policy = _policy(tags)
    subdomain = _one_of(tags, "sp", _POLICIES) or policy
    return DmarcRecord(
        domain=domain,
        text=text,
        policy=policy,
        subdomain_policy=subdomain if policy else "",
        missing_policy=(_one_of(tags, "np", _POLICIES) or subdomain) if policy else "",
        dkim_is_strict=_one_of(tags, "adkim", ("r", "s")) == "s",
        spf_is_strict=_one_of(tags, "aspf", ("r", "s")) == "s",
        psd=_one_of(tags, "psd", ("y", "n", "u")) or "u",
        is_testing=_one_of(tags, "t", ("y", "n")) == "y",
        has_reports=_has_reports(tags),
    )


def _the_one(domain: str, texts: Sequence[str]) -> DmarcRecord | None:
    """Where there are several, none counts."""
    records = [record for text in texts if (record := read_record(domain, text))]
    return records[0] if len(records) == 1 else None


def _policy(tags: dict[str, str]) -> str:
    """Empty: a policy that cannot be read, and nobody to report to: no DMARC at all."""
    said = [tags[name].lower() for name in ("p", "sp", "np") if name in tags]
    if all(value in _POLICIES for value in said):
        return tags.get("p", "none").lower()
    return "none" if _has_reports(tags) else ""


def _has_reports(tags: dict[str, str]) -> bool:
    uris = tags.get("rua", "").split(",")
    return any(":" in uri.strip().strip(":") for uri in uris)


def _one_of(tags: dict[str, str], name: str, values: Sequence[str]) -> str:
    value = tags.get(name, "").lower()
    return value if value in values else ""


def _readable(text: str) -> dict[str, str]:
    """What can be read of the list; errors in it are ignored (section 4.7)."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        for name, value in (read_tags(part) or {}).items():
            tags.setdefault(name, value)
    return tags


def _one_below(suffix: str, start: str) -> str:
    """The name one label longer than `suffix`, on the way to `start`."""
    labels = start.split(".")
    return ".".join(labels[-(suffix.count(".") + 2) :])
