"""What the page of a sender address, and the one that creates it, say about its domain."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from senders import dkim_services
from tests.senders.domains.factories import make_domain
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db
CREATE = "/sender-addresses/create/"


def page_of(console: Client, address: str) -> str:
    return console.get(f"/sender-addresses/{make_sender(address).pk}/").text


def test_a_domain_that_nobody_has_added_is_offered(console: Client) -> None:
    page = page_of(console, "app@example.com")
    assert "Mail of example.com stays in the local mailbox until the domain is verified." in page
    assert "/domains/add/?domain=example.com" in page


def test_a_verified_domain_says_so_and_leads_to_its_records(console: Client) -> None:
    row = make_domain(state="verified")
    page = page_of(console, "app@example.com")
    assert f'href="/domains/{row.pk}/"' in page
    assert "stays in the local mailbox" not in page


def test_a_subdomain_says_by_which_domain_it_counts_and_is_signed(console: Client) -> None:
    make_domain(state="verified")
    key, _ = dkim_services.generate_dkim_keys("example.com", now=timezone.now())
    dkim_services.activate(key, now=timezone.now())
    page = page_of(console, "app@a.example.com")
    assert "a.example.com counts by example.com, which is verified." in page
    assert "Mail of a.example.com is signed." in page


def test_where_unverified_domains_are_let_out_the_page_says_that(
    console: Client, settings: Settings
) -> None:
    settings.ALLOW_UNVERIFIED_DOMAINS = True
    assert "ALLOW_UNVERIFIED_DOMAINS is set" in page_of(console, "app@example.com")
    assert "ALLOW_UNVERIFIED_DOMAINS is set" in console.get(CREATE).text


def test_creating_says_which_domains_are_verified(console: Client) -> None:
    assert "No domain is verified yet" in console.get(CREATE).text
    make_domain("a.example", state="verified")
    make_domain("b.example", state="verified")
    make_domain("c.example")
    assert "Verified: a.example, b.example." in console.get(CREATE).text


@pytest.mark.parametrize(
    ("address", "is_verified"), [("app@a.example", True), ("app@c.example", False)]
)
def test_what_was_created_says_whether_its_domain_is_verified(
    console: Client, address: str, is_verified: bool
) -> None:
    make_domain("a.example", state="verified")
    answer = console.post(CREATE, {"address": address, "mail_type": "trigger"}, follow=True)
    assert f"{address} is created." in answer.text
    assert ("Its domain c.example is not verified yet." in answer.text) is not is_verified
