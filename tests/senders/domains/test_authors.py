"""Mail from domains below one that was added: how receivers judge it, by a real DNS server."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from senders.dkim_services import activate, generate_dkim_keys
from senders.domains.checking import Report
from senders.domains.reading import domains_below, judging_row
from senders.domains.services import add_domain, check_domain
from senders.domains.shown import show
from senders.models import SenderDomain
from tests.senders.domains.dns import put
from tests.senders.domains.factories import make_domain
from tests.senders.domains.publishing import publish
from tests.senders.factories import make_sender
from tests.smtp_gateway.relay.internet.names import Names, Trouble

pytestmark = pytest.mark.django_db
STRICT = "v=DMARC1; p=reject; adkim=s; aspf=s"


@pytest.fixture
def row(names: Names) -> SenderDomain:
    """example.com with all of its records, and a sender address below it."""
    added = add_domain("example.com", now=timezone.now())
    publish(names, added)
    make_sender("hi@sub.example.com")
    return added


def checked(row: SenderDomain) -> SenderDomain:
    check_domain(row.pk, now=timezone.now())
    row.refresh_from_db()
    return row


def passes(row: SenderDomain) -> dict[str, bool | None]:
    return {each.domain: each.verdict.passes for each in show(row, timezone.now()).authors}


def test_relaxed_alignment_lets_the_keys_of_the_domain_above_count(row: SenderDomain) -> None:
    assert passes(checked(row)) == {"sub.example.com": True}


def test_strict_alignment_does_not_and_the_page_says_what_to_do(
    names: Names, row: SenderDomain, console: Client
) -> None:
    put(names, "_dmarc.example.com", "TXT", STRICT)
    assert passes(checked(row)) == {"sub.example.com": False}
    assert row.state == "verified"
    page = console.get(f"/domains/{row.pk}/").text
    assert "mail of sub.example.com needs keys of its own" in page
    assert "Does not pass" in page


@pytest.mark.parametrize(
    ("above", "own", "passing", "policy"),
    [
        ("v=DMARC1; p=none", STRICT, False, "reject"),
        (STRICT, "v=DMARC1; p=none", True, "none"),
        ("v=DMARC1; p=reject; sp=quarantine; adkim=s; aspf=s", "", False, "quarantine"),
        ("v=DMARC1; p=none; np=reject; adkim=s; aspf=s", "", False, "reject"),
    ],
    ids=["own-strict", "own-relaxed", "sp", "np"],
)
def test_the_record_that_applies_to_the_subdomain_decides(
    names: Names, row: SenderDomain, above: str, own: str, *, passing: bool, policy: str
) -> None:
    put(names, "_dmarc.example.com", "TXT", above)
    if own:
        put(names, "_dmarc.sub.example.com", "TXT", own)
    if "sp=" in above:
        put(names, "sub.example.com", "TXT", "something, so that it exists")
    assert passes(checked(row)) == {"sub.example.com": passing}
    author = Report.of_json(row.findings).author("sub.example.com")
    assert author is not None
    assert author.policy == policy


def test_keys_of_its_own_are_aligned_where_their_records_are_found(
    names: Names, row: SenderDomain
) -> None:
    put(names, "_dmarc.example.com", "TXT", STRICT)
    key, _ = generate_dkim_keys("sub.example.com", now=timezone.now())
    assert passes(checked(row)) == {"sub.example.com": False}
    activate(key, now=timezone.now())
    assert passes(checked(row)) == {"sub.example.com": False}
    put(names, key.record.name, "TXT", key.record.value)
    assert passes(checked(row)) == {"sub.example.com": True}


def test_without_an_answer_it_is_not_known_and_the_domain_above_stays_verified(
    names: Names, row: SenderDomain
) -> None:
    names.trouble("_dmarc.sub.example.com", "TXT", Trouble.SERVFAIL)
    assert passes(checked(row)) == {"sub.example.com": None}
    assert row.state == "verified"


def test_only_those_that_no_closer_domain_decides_on_are_looked_at() -> None:
    for address in (
        "a@example.com",
        "a@x.deep.example.com",
        "a@notexample.com",
        "b@new.example.com",
    ):
        make_sender(address)
    row, deep = make_domain(state="verified"), make_domain("deep.example.com", state="verified")
    pending = make_domain("new.example.com")
    assert domains_below(row) == ["new.example.com"]
    assert domains_below(deep) == ["x.deep.example.com"]
    now = timezone.now() + timedelta(seconds=1)
    assert judging_row("x.deep.example.com", now) == deep
    assert judging_row("new.example.com", now) == row
    row.delete()
    assert judging_row("new.example.com", now) == pending
    assert judging_row("other.example", now) is None
