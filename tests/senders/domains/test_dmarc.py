"""DMARC records, the tree walk, and what receivers conclude from it (RFC 9989)."""

import pytest

from senders.domains.alignment import Alignment, aligned
from senders.domains.dmarc import names_to_ask, read_record, walk
from tests.senders.domains.zone import Zone


def test_the_walk_asks_name_by_name_up_to_the_top() -> None:
    assert list(names_to_ask("a.mail.example.com")) == [
        "a.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    ]


@pytest.mark.parametrize("labels", [8, 9, 30])
def test_of_a_long_name_8_are_asked_at_most(labels: int) -> None:
    name = ".".join(f"l{number}" for number in range(labels))
    asked = list(names_to_ask(name))
    assert len(asked) == 8
    assert asked[0] == name
    assert asked[1].count(".") == 6
    assert asked[-1] == f"l{labels - 1}"


@pytest.mark.parametrize(
    ("records", "start", "organization"),
    [
        ({"example.com": "", "mail.example.com": ""}, "a.mail.example.com", "example.com"),
        ({"com": "psd=y"}, "a.mail.example.com", "example.com"),
        ({"com": "psd=y", "mail.example.com": ""}, "a.mail.example.com", "example.com"),
        (
            {"mail.example.com": "psd=n", "example.com": ""},
            "a.mail.example.com",
            "mail.example.com",
        ),
        ({"example.com": "psd=y", "com": ""}, "example.com", "com"),
        ({"example.com": "psd=y"}, "a.b.example.com", "b.example.com"),
        ({}, "a.mail.example.com", "a.mail.example.com"),
    ],
    ids=[
        "fewest labels",
        "one below a public suffix",
        "one below a public suffix, without a record there",
        "psd=n ends it",
        "psd=y of the start is no suffix",
        "a private suffix",
        "without records",
    ],
)
def test_the_organizational_domain_is_found_by_the_walk(
    records: dict[str, str], start: str, organization: str
) -> None:
    zone = Zone()
    for domain, tags in records.items():
        zone.text(f"_dmarc.{domain}", f"v=DMARC1; p=none; {tags}")
    assert walk(start, zone.txt).organizational_domain == organization


def test_the_walk_ends_at_a_suffix_and_at_an_organization() -> None:
    zone = Zone().text("_dmarc.example.com", "v=DMARC1; psd=n")
    walk("mail.example.com", zone.txt)
    assert zone.asked == ["_dmarc.mail.example.com", "_dmarc.example.com"]


@pytest.mark.parametrize(
    ("records", "applied"),
    [
        ({"a.example.com": "", "example.com": ""}, "a.example.com"),
        ({"example.com": ""}, "example.com"),
        ({"com": "psd=y"}, "com"),
        ({"com": "psd=y", "example.com": ""}, "example.com"),
        ({}, None),
    ],
    ids=["its own", "of its organization", "of the suffix", "not of the suffix", "none"],
)
def test_the_closest_of_three_records_applies(records: dict[str, str], applied: str | None) -> None:
    zone = Zone()
    for domain, tags in records.items():
        zone.text(f"_dmarc.{domain}", f"v=DMARC1; p=none; {tags}")
    record = walk("a.example.com", zone.txt).applied
    assert (record.domain if record else None) == applied


def test_where_there_are_two_records_none_counts() -> None:
    zone = Zone().text("_dmarc.example.com", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    assert walk("example.com", zone.txt).applied is None
    zone = Zone().text("_dmarc.example.com", "v=DMARC1; p=none", "something else")
    assert walk("example.com", zone.txt).applied is not None


@pytest.mark.parametrize(
    "text", ["v=dmarc1; p=none", "p=none; v=DMARC1", "DMARC1; p=none", "", "v=DMARC1 p=none"]
)
def test_what_does_not_begin_with_the_version_is_no_record(text: str) -> None:
    assert read_record("example.com", text) is None


@pytest.mark.parametrize(
    ("tags", "own", "subdomain", "missing"),
    [
        ("p=reject", "reject", "reject", "reject"),
        ("p=reject; sp=none", "reject", "none", "none"),
        ("p=none; sp=quarantine; np=reject", "none", "quarantine", "reject"),
        ("p=Reject; np=none", "reject", "reject", "none"),
        ("", "none", "none", "none"),
        ("p=monitor", "", "", ""),
        ("p=monitor; rua=mailto:d@example.com", "none", "none", "none"),
        ("p=reject; sp=bad; rua=mailto:d@example.com", "none", "none", "none"),
        ("p=reject; =x; rubbish; p=none", "reject", "reject", "reject"),
    ],
)
def test_the_policy_depends_on_which_domain_it_is(
    tags: str, own: str, subdomain: str, missing: str
) -> None:
    record = read_record("example.com", f"v=DMARC1; {tags}")
    assert record is not None
    assert record.policy_for("example.com", exists=True) == own
    assert record.policy_for("a.example.com", exists=True) == subdomain
    assert record.policy_for("a.example.com", exists=False) == missing


@pytest.mark.parametrize(
    ("tags", "identity", "domain", "is_strict", "is_aligned"),
    [
        ("", "dkim", "example.com", False, True),
        ("", "return-path", "bounces.example.com", False, True),
        ("aspf=s", "return-path", "bounces.example.com", True, False),
        ("adkim=s", "return-path", "bounces.example.com", False, True),
        ("adkim=s", "dkim", "mail.example.com", True, False),
        ("adkim=s", "dkim", "example.com", True, True),
        ("", "return-path", "bounces.example.net", False, False),
    ],
)
def test_alignment_is_strict_or_relaxed_by_the_record(
    tags: str, identity: str, domain: str, is_strict: bool, is_aligned: bool
) -> None:
    zone = Zone().text("_dmarc.example.com", f"v=DMARC1; p=none; {tags}")
    record = walk("example.com", zone.txt).applied
    found = aligned(identity, domain, author="example.com", record=record, txt=zone.txt)
    assert found == Alignment(identity, domain, is_strict, is_aligned)
