"""Which domains count, by which of those that were added."""

from datetime import timedelta

import pytest
from django.utils import timezone

from senders.domains.coverage import Coverage
from senders.domains.reading import domain_of, verified_domains
from senders.sender_domain import GRACE
from tests.senders.domains.factories import make_domain


@pytest.mark.parametrize(
    ("domain", "covered_by"),
    [
        ("example.com", "example.com"),
        ("mail.example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("shop.example.com", ""),
        ("a.shop.example.com", ""),
        ("new.shop.example.com", "new.shop.example.com"),
        ("com", ""),
        ("badexample.com", ""),
        ("example.org", ""),
        ("", ""),
    ],
)
def test_the_closest_domain_that_was_ever_verified_decides(domain: str, covered_by: str) -> None:
    coverage = Coverage(
        counting=frozenset({"example.com", "new.shop.example.com"}),
        stopped=frozenset({"shop.example.com"}),
    )
    assert coverage.covering(domain) == covered_by
    assert (domain in coverage) is bool(covered_by)


@pytest.mark.django_db
def test_a_failing_domain_counts_for_the_time_of_grace_and_no_longer() -> None:
    now = timezone.now()
    domain = make_domain(state="failing", failing_since=now)
    last = now + GRACE - timedelta(seconds=1)
    assert domain.counts(last)
    assert "sub.example.com" in verified_domains(last)
    assert not domain.counts(now + GRACE)
    assert "example.com" not in verified_domains(now + GRACE)
    assert verified_domains(now + GRACE).stopped == {"example.com"}


@pytest.mark.django_db
def test_a_pending_subdomain_takes_nothing_away_from_its_parent() -> None:
    make_domain("example.com", state="verified")
    make_domain("sub.example.com")
    assert verified_domains().covering("sub.example.com") == "example.com"


@pytest.mark.django_db
def test_a_name_belongs_to_the_closest_domain_that_was_added() -> None:
    parent, sub = make_domain("example.com"), make_domain("sub.example.com")
    assert domain_of("a.sub.example.com") == sub
    assert domain_of("b.example.com") == parent
    assert domain_of("example.org") is None
