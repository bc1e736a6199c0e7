"""Compares each record of a domain with what has to stand there. Pure; looks are handed in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from senders.domains import dmarc, spf
from senders.domains.finding import Finding
from senders.domains.names import MailHost, Names, NoAnswer
from senders.domains.tags import read_tags

OWNERSHIP_LABEL = "_directmail"
_TOKEN_NAME = "directmail-domain-verification"  # noqa: S105 - what stands in front of the token
DMARC_ADVISED = "v=DMARC1; p=none"
_MX_PREFERENCE = 10


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """The record of one DKIM key."""

    selector: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Author:
    """A domain below the one that was added, which mail is from."""

    domain: str
    keys: tuple[KeyRecord, ...] = ()
    """Its own that sign; without any, those of the domain above do."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A domain to be looked at, and what has to be found."""

    domain: str
    ownership_token: str
    return_path_host: str
    keys: tuple[KeyRecord, ...]
    mail_host: str
    """This installation's name: where reports come back to."""
    mechanisms: tuple[str, ...]
    """What its mail comes from, in the words of SPF."""
    signs_return_paths: bool = True
    """Whether mail leaves with return paths, where they count."""
    authors: tuple[Author, ...] = ()

    @property
    def ownership_name(self) -> str:
        return f"{OWNERSHIP_LABEL}.{self.domain}"

    @property
    def ownership_value(self) -> str:
        return f"{_TOKEN_NAME}={self.ownership_token}"


def wanted_records(subject: Subject) -> list[Finding]:
    """All of them, as nobody has looked yet."""
    spf_value = spf.make_record(subject.mechanisms)
    mail_host = str(MailHost(_MX_PREFERENCE, subject.mail_host))
    return [
        Finding("ownership", subject.ownership_name, "TXT", subject.ownership_value),
        *_key_records(subject.keys),
        Finding("return-path", subject.return_path_host, "MX", mail_host),
        Finding("return-path-spf", subject.return_path_host, "TXT", spf_value),
        Finding("spf", subject.domain, "TXT", spf_value),
        Finding("dmarc", f"_dmarc.{subject.domain}", "TXT", DMARC_ADVISED),
    ]


def author_records(author: Author, subject: Subject) -> list[Finding]:
    """Those that decide on mail from `author`, besides the records of the domain above it."""
    return [
        *_key_records(author.keys),
        Finding("spf", author.domain, "TXT", spf.make_record(subject.mechanisms)),
    ]


def _key_records(keys: Sequence[KeyRecord]) -> list[Finding]:
    return [Finding("dkim", key.name, "TXT", key.value, selector=key.selector) for key in keys]


def look(record: Finding, subject: Subject, names: Names) -> Finding:
    """`record` with what DNS says of it."""
    try:
        return _LOOKS[record.kind](record, subject, names)
    except NoAnswer as error:
        return replace(record, state="unknown", problem=f"no-answer-{error}")


def _ownership(record: Finding, subject: Subject, names: Names) -> Finding:
    texts = names.txt(record.name)
    if record.wanted in (text.strip() for text in texts):
        return _found(record, record.wanted)
    if not texts:
        return _missing(record, subject, names)
    ours = [text for text in texts if _TOKEN_NAME in text]
    return _wrong(record, ours or texts, _spoiled(texts) or "other-token")


def _dkim(record: Finding, subject: Subject, names: Names) -> Finding:
    texts = names.txt(record.name)
    if not texts:
        return _missing(record, subject, names)
    if len(texts) > 1:
        return _wrong(record, texts, "several")
    if problem := _key_problem(texts[0], record.wanted):
        return _wrong(record, texts, problem)
    return _found(record, *texts)


def _key_problem(text: str, wanted: str) -> str:
    """Why the key in `text` is not the one that is wanted; empty: it is."""
    tags, ours = read_tags(text), read_tags(wanted) or {}
    if tags is None or tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        return _spoiled([text]) or "not-a-key"
    key = "".join(tags["p"].split())
    if not key:
        return "key-revoked"
    if key != ours["p"]:
        return "key-cut" if ours["p"].startswith(key) else "other-key"
    if tags.get("k", "rsa") != ours["k"]:
        return "other-kind-of-key"
    if not {"*", "email"} & set(_words(tags.get("s", "*"))):
        return "key-not-for-mail"
    if "h" in tags and "sha256" not in _words(tags["h"]):
        return "key-without-sha256"
    return ""


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(":")]


def _spf(record: Finding, subject: Subject, names: Names) -> Finding:
    texts = [text for text in names.txt(record.name) if spf.is_spf(text)]
    if not texts:
        spoiled = [text for text in names.txt(record.name) if "v=spf1" in text.lower()]
        if spoiled:
            return _wrong(record, spoiled, _spoiled(spoiled) or "not-spf")
        return _missing(record, subject, names)
    if len(texts) > 1:
        return _wrong(record, texts, "several-spf")
    covered = spf.coverage(record.name, texts[0], subject.mechanisms, names)
    if covered.fault:
        return _wrong(record, texts, covered.fault, about=covered.about)
    if covered.missing:
        better = replace(record, wanted=spf.with_mechanisms(texts[0], covered.missing))
        return _wrong(better, texts, "spf-lacks", about=", ".join(covered.missing))
    return _found(record, *texts)


def _return_path(record: Finding, subject: Subject, names: Names) -> Finding:
    hosts = names.mx(record.name)
    found = [str(host) for host in hosts]
    # RFC 5321 section 5.1: the lowest number is tried first, and what takes it there keeps it.
    lowest = min((host.preference for host in hosts), default=0)
    first = [host.host for host in hosts if host.preference == lowest]
    if subject.mail_host in first:
        return _found(record, *found)
    if subject.mail_host in (host.host for host in hosts):
        return _wrong(record, found, "mail-host-second", about=first[0])
    if hosts:
        return _wrong(record, found, "other-mail-host")
    # RFC 5321 section 5.1: without MX, mail goes to the addresses of the name itself.
    if names.canonical(record.name) == subject.mail_host:
        return _found(record, f"CNAME {subject.mail_host}")
    addresses = names.addresses(record.name)
    if set(addresses) & set(names.addresses(subject.mail_host)):
        return _found(record, *addresses)
    if addresses:
        return _wrong(record, addresses, "other-mail-host")
    return _missing(record, subject, names)


def _dmarc(record: Finding, subject: Subject, names: Names) -> Finding:
    applied = dmarc.walk(subject.domain, names.txt).applied
    if applied is None:
        texts = names.txt(record.name)
        readable = [text for text in texts if dmarc.read_record(subject.domain, text)]
        if len(readable) > 1:
            return _wrong(record, readable, "several")
        if spoiled := [text for text in texts if "DMARC1" in text]:
            return _wrong(record, spoiled, _spoiled(spoiled) or "not-dmarc")
        return _missing(record, subject, names)
    policy = applied.policy_for(subject.domain, exists=names.exists(subject.domain))
    facts = {"domain": applied.domain, "policy": policy}
    if not policy:
        return replace(_wrong(record, [applied.text], "dmarc-no-policy"), facts=facts)
    return replace(_found(record, applied.text), facts=facts)


def _missing(record: Finding, subject: Subject, names: Names) -> Finding:
    """Looks where a provider puts a record whose whole name was typed in its form."""
    doubled = f"{record.name}.{subject.domain}"
    is_text = record.record_type == "TXT"
    if record.name != subject.domain and (is_text and names.txt(doubled)):
        return replace(record, state="missing", problem="doubled-name", facts={"name": doubled})
    return replace(record, state="missing", problem="nothing-there")


def _spoiled(texts: Sequence[str]) -> str:
    """What providers' forms make of what was typed; a code, empty: nothing of that."""
    if any("\\;" in text for text in texts):
        return "backslashes"
    if any(text.strip().startswith('"') for text in texts):
        return "quotes"
    return ""


def _found(record: Finding, *found: str) -> Finding:
    return replace(record, found=found, state="found")


def _wrong(record: Finding, found: Sequence[str], problem: str, about: str = "") -> Finding:
    facts = {"about": about} if about else {}
    return replace(record, found=tuple(found), state="wrong", problem=problem, facts=facts)


_LOOKS = {
    "ownership": _ownership,
    "dkim": _dkim,
    "spf": _spf,
    "return-path": _return_path,
    "return-path-spf": _spf,
    "dmarc": _dmarc,
}
