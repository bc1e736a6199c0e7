"""Whether SPF records let in what mail comes from (RFC 7208)."""

import pytest

from senders.domains.spf import coverage, is_mechanism, is_spf, make_record, with_mechanisms
from tests.senders.domains.zone import Zone

OURS = "a:mail.directmail.test"


def make_zone() -> Zone:
    zone = Zone().host("mail.directmail.test", "192.0.2.10", "2001:db8::10")
    zone.text("spf.example.net", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all")
    zone.text("half.example.net", "v=spf1 ip4:192.0.2.10 -all")
    zone.text("ours.example.net", f"v=spf1 {OURS} ?all")
    zone.text("two.example.net", "v=spf1 -all", "v=spf1 ~all")
    zone.exchange("example.com", "mail.directmail.test")
    zone.host("alias.example.net", "192.0.2.10", "2001:db8::10")
    return zone


@pytest.mark.parametrize(
    "record",
    [
        f"{OURS} -all",
        "A:MAIL.DirectMail.test. ~all",
        "ip4:192.0.2.10 ip6:2001:db8::10 -all",
        "ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
        "include:spf.example.net -all",
        "include:ours.example.net -all",
        "redirect=spf.example.net",
        "mx -all",
        "a:alias.example.net/24//64 -all",
        "+all",
    ],
)
def test_it_lets_in_what_it_names_or_includes(record: str) -> None:
    assert coverage("example.com", f"v=spf1 {record}", [OURS], make_zone()).missing == ()


@pytest.mark.parametrize(
    "record",
    [
        "-all",
        f"-{OURS} -all",
        f"-all {OURS}",
        f"?{OURS} ~all",
        "include:half.example.net -all",
        "ip4:192.0.2.11 ip6:2001:db8::10 -all",
        "ip4:192.0.2.10 -all",
        "a -all",
        "-all redirect=spf.example.net",
        "include:%{i}.example.net -all",
        "",
    ],
)
def test_it_lacks_what_it_refuses_or_never_gets_to(record: str) -> None:
    found = coverage("example.com", f"v=spf1 {record}".strip(), [OURS], make_zone())
    assert found.missing == (OURS,)
    assert found.fault == ""


@pytest.mark.parametrize(
    ("record", "fault", "about"),
    [
        ("include:nothing.example.net -all", "spf-include-without-record", "nothing.example.net"),
        ("include:two.example.net -all", "spf-include-without-record", "two.example.net"),
        ("includes:spf.example.net", "spf-unreadable", "includes:spf.example.net"),
        ("include: -all", "spf-unreadable", "include:"),
        ("ip4:192.0.2.300 -all", "spf-unreadable", "ip4:192.0.2.300"),
        ("ip4:2001:db8::1 -all", "spf-unreadable", "ip4:2001:db8::1"),
        (" ".join(["a"] * 11), "spf-too-many-look-ups", "11"),
    ],
)
def test_a_record_that_is_an_error_lets_nothing_in(record: str, fault: str, about: str) -> None:
    found = coverage("example.com", f"v=spf1 {record}", [OURS], make_zone())
    assert (found.missing, found.fault, found.about) == ((OURS,), fault, about)


def test_records_that_include_each_other_end_at_the_tenth_look_up() -> None:
    zone = Zone().text("a.example", "v=spf1 include:b.example -all")
    zone.text("b.example", "v=spf1 include:a.example -all")
    found = coverage("a.example", "v=spf1 include:b.example -all", [OURS], zone)
    assert found.fault == "spf-too-many-look-ups"


def test_an_include_that_is_wanted_has_to_be_named() -> None:
    wanted = ["include:spf.example.net"]
    covered = coverage("example.com", "v=spf1 include:spf.example.net -all", wanted, make_zone())
    assert covered.missing == ()
    covered = coverage("example.com", f"v=spf1 {OURS} -all", wanted, make_zone())
    assert covered.missing == ("include:spf.example.net",)


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("v=spf1 mx -all", "v=spf1 mx a:x -all"),
        ("v=spf1 mx ~all", "v=spf1 mx a:x ~all"),
        ("v=spf1 mx redirect=y", "v=spf1 mx a:x redirect=y"),
        ("v=spf1", "v=spf1 a:x"),
        ("v=spf1 a:all.example -all", "v=spf1 a:all.example a:x -all"),
    ],
)
def test_what_is_lacking_is_put_in_front_of_the_end(text: str, better: str) -> None:
    assert with_mechanisms(text, ["a:x"]) == better


def test_a_record_begins_with_its_version_and_ends_softly() -> None:
    assert make_record(["a:x", "include:y"]) == "v=spf1 a:x include:y ~all"
    assert is_spf("v=spf1")
    assert is_spf("V=SPF1 -all")
    assert not is_spf("v=spf10 -all")


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("a:mail.example.com", True),
        ("include:spf.example.com", True),
        ("ip4:192.0.2.0/24", True),
        ("ip6:2001:db8::/32", True),
        ("mx", True),
        ("ip4:192.0.2.0/33", False),
        ("mail.example.com", False),
        ("-a", False),
        ("all", False),
        ("", False),
    ],
)
def test_mechanisms_of_the_settings_can_be_told_from_other_words(word: str, is_one: bool) -> None:
    assert is_mechanism(word) is is_one
