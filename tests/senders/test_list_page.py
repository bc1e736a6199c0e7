"""Sender Addresses: table, search, filter, pages and empty states."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from senders import services
from senders.models import SenderAddress
from tests.pages import links
from tests.senders.factories import (
    HTMX,
    PASSWORD,
    change_proof,
    make_sender,
    make_verified_sender,
)
from verification.models import MailState

LIST = "/sender-addresses/"


def test_without_addresses_the_page_says_what_to_do(console: Client) -> None:
    page = console.get(LIST)
    assert "Create your first sender address" in page.text
    assert reverse("senders:create") in page.text


def test_a_row_shows_everything_about_an_address(console: Client) -> None:
    sender = make_verified_sender("news@xn--mller-kva.de", reply_to="help@example.com")
    services.set_smtp_password(sender, password=PASSWORD)
    SenderAddress.objects.filter(pk=sender.pk).update(smtp_last_used_at=timezone.now())
    page = console.get(LIST)
    for shown in ("news@müller.de", 'title="news@xn--mller-kva.de"', "Trigger Mail",
                  "help@example.com", "Verified", "On", "Last used"):  # fmt: skip
        assert shown in page.text.replace("<wbr>", "")


def test_a_row_leads_to_the_page_of_its_address(console: Client) -> None:
    sender = make_sender()
    assert f'href="/sender-addresses/{sender.pk}/"' in console.get(LIST).text


def test_what_is_not_set_up_is_said_and_offered(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    page = console.get(LIST)
    assert "Not verified" in page.text
    assert "Off" in page.text
    assert reverse("senders:verify", args=[sender.pk]) in page.text
    assert reverse("senders:set_smtp_password", args=[sender.pk]) in page.text
    assert reverse("senders:switch_smtp_off", args=[sender.pk]) not in page.text


def test_a_suspended_address_offers_to_resume(console: Client) -> None:
    sender = make_sender(suspended_at=timezone.now())
    page = console.get(LIST)
    assert "Suspended" in page.text
    assert reverse("senders:resume", args=[sender.pk]) in page.text
    assert reverse("senders:suspend", args=[sender.pk]) not in page.text


@pytest.mark.parametrize("text", ["ews@Exam", "HELP@", " news@example.com "])
def test_search_finds_addresses_and_reply_tos(console: Client, text: str) -> None:
    make_sender("news@example.com", reply_to="help@example.net")
    make_sender("other@example.org")
    page = console.get(LIST, {"q": text})
    assert "news@example.com" in page.text
    assert "other@example.org" not in page.text


def test_search_understands_u_labels(console: Client) -> None:
    make_sender("news@müller.de")
    assert "news@müller.de" in console.get(LIST, {"q": "müller.de"}).text


@pytest.mark.parametrize("text", ["100%", "a_b", "\\"])
def test_search_takes_wildcards_as_letters(console: Client, text: str) -> None:
    make_sender("axb@example.com")
    assert "No address matches" in console.get(LIST, {"q": text}).text


def test_the_filter_shows_one_mail_type(console: Client) -> None:
    make_sender("alarm@example.com", mail_type="trigger")
    make_sender("news@example.com", mail_type="batch")
    page = console.get(LIST, {"type": "batch"})
    assert "news@example.com" in page.text
    assert "alarm@example.com" not in page.text


def test_an_unknown_filter_shows_everything(console: Client) -> None:
    make_sender("alarm@example.com")
    assert (
        "alarm@example.com" in console.get(LIST, {"type": "spam", "below": "x", "sort": "y"}).text
    )


def test_nothing_found_says_so_and_leads_back(console: Client) -> None:
    make_sender()
    page = console.get(LIST, {"q": "nobody"})
    assert "No address matches" in page.text
    assert "Show all addresses" in page.text


def test_pages_hold_twenty_five_and_keep_the_filters(console: Client) -> None:
    now = timezone.now()
    for number in range(26):
        make_sender(f"a{number}@example.com", created_at=now - timedelta(minutes=number))
    first = console.get(LIST, {"q": "example"})
    assert first.text.count('id="sender-') == 25
    (older,) = links(first.text, "next")
    assert "?q=example&" in older
    second = console.get(older)
    assert "a25@example.com" in second.text
    assert second.text.count('id="sender-') == 1
    assert "26 addresses" in second.text
    (newer,) = links(second.text, "prev")
    assert console.get(newer).text.count('id="sender-') == 25


def test_htmx_gets_the_table_alone(console: Client) -> None:
    make_sender("news@example.com")
    part = console.get(LIST, {"q": "news"}, headers=HTMX)
    assert part.text.strip().startswith('<div id="results"')
    assert "news@example.com" in part.text
    assert "<html" not in part.text


def test_the_number_of_queries_does_not_grow_with_the_rows(
    console: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(5):
        make_sender(reply_to=f"help{number}@example.com")
    console.get(LIST)  # the first visit of the day is noted
    with django_assert_max_num_queries(6):
        console.get(LIST)


def test_the_row_polls_only_while_a_link_is_out_there(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    polled = reverse("senders:reply_to_state", args=[sender.pk])
    assert polled not in console.get(LIST).text
    services.request_reply_to_verification(sender, now=timezone.now())
    waiting = console.get(LIST).text
    assert f'hx-get="{polled}" hx-trigger="every 2s"' in waiting
    assert "Being sent" in waiting
    change_proof(sender, mail_state=MailState.RELAYED)
    sent = console.get(LIST).text
    assert "Mail sent" in sent
    assert "Valid until" in sent
    assert f'hx-get="{polled}" hx-trigger="every 2s"' in sent
    change_proof(sender, confirmed_at=timezone.now())
    assert polled not in console.get(LIST).text


def test_a_mail_that_could_not_be_sent_shows_why(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    change_proof(sender, mail_state=MailState.FAILED, mail_problem="550 5.1.1 <no> such user")
    page = console.get(LIST)
    assert "Could not be sent" in page.text
    assert "550 5.1.1 &lt;no&gt; such user" in page.text


def test_a_mail_that_waits_is_still_being_sent_and_says_why(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    change_proof(sender, mail_state=MailState.DEFERRED, mail_problem="Connection refused.")
    page = console.get(LIST).text
    assert "Being sent" in page
    assert "Waiting: Connection refused." in page
    assert "Could not be sent" not in page


def test_the_state_alone_says_when_it_has_moved(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    polled = reverse("senders:reply_to_state", args=[sender.pk])
    waiting = console.get(polled, headers=HTMX)
    assert "every 2s" in waiting.text
    assert "HX-Trigger" not in waiting.headers
    change_proof(sender, confirmed_at=timezone.now())
    moved = console.get(polled, headers=HTMX)
    assert "Verified" in moved.text
    assert "every 2s" not in moved.text
    assert "console:changed" in moved.headers["HX-Trigger"]


def test_the_state_expires_by_itself(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now() - timedelta(minutes=10))
    part = console.get(reverse("senders:reply_to_state", args=[sender.pk]), headers=HTMX)
    assert "Expired" in part.text
    assert "console:changed" in part.headers["HX-Trigger"]


@pytest.mark.parametrize("typed", ["büch", "BÜCHER", "news@büch", "xn--bcher"])
def test_a_part_of_an_idn_finds_the_address_while_it_is_typed(console: Client, typed: str) -> None:
    make_sender("news@xn--bcher-kva.example")
    make_sender("other@example.com")
    page = console.get(LIST, {"q": typed}).text.replace("<wbr>", "")
    assert "news@bücher.example" in page
    assert "other@example.com" not in page
