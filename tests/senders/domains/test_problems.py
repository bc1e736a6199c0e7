"""What is wrong with a record, and the sentence that says so; asked of a real DNS server."""

from collections.abc import Sequence

import pytest

from senders.domains.finding import Finding
from senders.domains.records import KeyRecord, Subject
from senders.domains.services import look_at_dns
from senders.domains.wording import note_of, problem_of
from tests.senders.domains.dns import publish_for, put
from tests.smtp_gateway.relay.internet.names import Names

KEY = "A" * 380
RSA = KeyRecord("dm1r", "dm1r._domainkey.example.com", f"v=DKIM1; k=rsa; p={KEY}")
SUBJECT = Subject(
    domain="example.com",
    ownership_token="abc",
    return_path_host="bounces.example.com",
    keys=(RSA,),
    mail_host="mail.directmail.test",
    mechanisms=("a:mail.directmail.test",),
)
TOKEN = "directmail-domain-verification"


def found(kind: str) -> Finding:
    (finding,) = [each for each in look_at_dns(SUBJECT).records if each.kind == kind]
    return finding


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["something"], "other-token"),
        ([f"{TOKEN}=abd"], "other-token"),
        ([f'"{TOKEN}=abc"'], "quotes"),
        ([f"{TOKEN}=abc"], ""),
        (["something", f" {TOKEN}=abc "], ""),
    ],
    ids=["other", "another token", "quotes", "right", "right among others"],
)
def test_the_ownership_record_has_to_have_the_token(
    names: Names, texts: Sequence[str], problem: str
) -> None:
    put(names, "_directmail.example.com", "TXT", *texts)
    assert found("ownership").problem == problem


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ([f"v=DKIM1; k=rsa; p={KEY}"], ""),
        ([f"k=rsa;p={KEY[:200]} {KEY[200:]};"], ""),
        ([f"p={KEY}; s=email:*; h=sha1:sha256; t=y"], ""),
        ([f"v=DKIM1; k=rsa; p={KEY[:230]}"], "key-cut"),
        ([f"v=DKIM1; k=rsa; p={KEY}B"], "other-key"),
        (["v=DKIM1; k=rsa; p="], "key-revoked"),
        ([f"v=DKIM1; k=ed25519; p={KEY}"], "other-kind-of-key"),
        ([f"v=DKIM1; s=tlsrpt; p={KEY}"], "key-not-for-mail"),
        ([f"v=DKIM1; h=sha1; p={KEY}"], "key-without-sha256"),
        ([f"v=DKIM1\\; k=rsa\\; p={KEY}"], "backslashes"),
        ([f'"v=DKIM1; k=rsa; p={KEY}"'], "quotes"),
        (["v=spf1 -all"], "not-a-key"),
        ([f"v=DKIM2; p={KEY}"], "not-a-key"),
        ([RSA.value, RSA.value.replace("A", "B")], "several"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)}:{value[0][:24]}",
)
def test_a_key_has_to_be_the_very_one_and_usable(
    names: Names, texts: Sequence[str], problem: str
) -> None:
    put(names, RSA.name, "TXT", *texts)
    finding = found("dkim")
    assert finding.problem == problem
    assert finding.is_found is not bool(problem)


@pytest.mark.parametrize(
    ("kind", "name", "texts", "problem", "sentence"),
    [
        ("spf", "example.com", ["v=spf1 mx -all"], "spf-lacks", "not let in a:mail.directmail"),
        ("spf", "example.com", ["v=spf1 mx", "v=spf1 a"], "several-spf", "several SPF records"),
        ("spf", "example.com", ["v=spf1; a -all"], "not-spf", "begin with v=spf1"),
        ("spf", "example.com", ["v=spf1 inlcude:x -all"], "spf-unreadable", "“inlcude:x”"),
        ("spf", "example.com", ["site-verification=1"], "nothing-there", "no such record"),
        ("dmarc", "_dmarc.example.com", ["v=DMARC1; p=bad"], "dmarc-no-policy", "no policy that"),
        ("dmarc", "_dmarc.example.com", ["v=DMARC1 p=none"], "not-dmarc", "begin with v=DMARC1"),
        ("dmarc", "_dmarc.example.com", ["v=DMARC1;", "v=DMARC1"], "several", "none counts"),
    ],
    ids=lambda value: value if isinstance(value, str) and "-" in value else "",
)
def test_problems_are_told_in_sentences(
    names: Names, kind: str, name: str, texts: Sequence[str], problem: str, sentence: str
) -> None:
    put(names, name, "TXT", *texts)
    finding = found(kind)
    assert finding.problem == problem
    assert sentence in problem_of(finding)


def test_what_an_spf_record_lacks_is_added_to_what_is_wanted(names: Names) -> None:
    put(names, "example.com", "TXT", "v=spf1 include:_spf.example.net -all")
    put(names, "_spf.example.net", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
    wanted = "v=spf1 include:_spf.example.net a:mail.directmail.test -all"
    assert found("spf").wanted == wanted
    put(names, "example.com", "TXT", wanted)
    assert found("spf").is_found


def test_a_record_whose_whole_name_was_typed_into_a_form_is_found_there(names: Names) -> None:
    put(names, "_directmail.example.com.example.com", "TXT", f"{TOKEN}=abc")
    finding = found("ownership")
    assert (finding.state, finding.problem) == ("missing", "doubled-name")
    assert "_directmail.example.com.example.com" in problem_of(finding)


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        (["bounces.example.com MX 10 mail.directmail.test"], ""),
        (["bounces.example.com MX 10 mx.example.net"], "other-mail-host"),
        (
            [
                "bounces.example.com MX 10 mail.directmail.test",
                "bounces.example.com MX 5 mx.example.net",
            ],
            "mail-host-second",
        ),
        (
            [
                "bounces.example.com MX 10 mail.directmail.test",
                "bounces.example.com MX 10 mx.example.net",
                "bounces.example.com MX 20 mail.directmail.test",
            ],
            "",
        ),
        (["bounces.example.com A 192.0.2.10"], ""),
        (["bounces.example.com A 192.0.2.99"], "other-mail-host"),
        (["bounces.example.com CNAME mail.directmail.test"], ""),
        (
            ["bounces.example.com CNAME elsewhere.test", "elsewhere.test A 192.0.2.99"],
            "other-mail-host",
        ),
        ([], "nothing-there"),
    ],
    ids=[
        "mx",
        "other mx",
        "other mx first",
        "mx beside another",
        "address",
        "other address",
        "cname",
        "other cname",
        "nothing",
    ],
)
def test_mail_to_the_return_path_has_to_come_here(
    names: Names, records: Sequence[str], problem: str
) -> None:
    names.add(*records)
    assert found("return-path").problem == problem


@pytest.mark.parametrize(
    ("name", "text", "note"),
    [
        (
            "_dmarc.example.com",
            "v=DMARC1; p=reject",
            "By the record of example.com, receivers refuse",
        ),
        (
            "_dmarc.com",
            "v=DMARC1; psd=y; p=none; sp=quarantine; np=reject",
            "record of com, receivers put",
        ),
    ],
    ids=["its own", "of the public suffix"],
)
def test_the_policy_that_applies_is_said(names: Names, name: str, text: str, note: str) -> None:
    publish_for(names, SUBJECT, "spf")  # so that the domain exists
    put(names, name, "TXT", text)
    finding = found("dmarc")
    assert finding.is_found
    assert note in note_of(finding)


def test_for_a_domain_that_does_not_exist_the_np_of_the_one_above_counts(names: Names) -> None:
    put(names, "_dmarc.com", "TXT", "v=DMARC1; psd=y; p=none; sp=quarantine; np=reject")
    assert found("dmarc").facts == {"domain": "com", "policy": "reject"}
