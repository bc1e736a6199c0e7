"""What the mail log finds: by texts and by states."""

import html
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone

from tests.smtp_gateway.mails import make_mail
from tests.smtp_gateway.test_mail_log import URL, make_one_in_each_state, recipients


@pytest.mark.parametrize(
    "search",
    [
        "01KB2Q7XG5W9D3MT",
        "01kb2q7xg5w9d3mt",
        "<Order.17@Example.com>",
        "Order.17@Example.com",
        "shop@example.com",
        "SHOP@EXAMPLE.COM",
        "<shop@example.com>",
        "shop@",
        "Bert@Example.ORG",
        "bert@example.org",
        "bert",
        "  bert  ",
    ],
)
def test_search_finds_by_queue_id_message_id_sender_and_recipient(console, search):
    make_mail()
    make_mail(
        queue_id="01KB2Q7XG5W9D3MT",
        message_id="<Order.17@Example.com>",
        sender_address="shop@example.com",
        mail_from="shop@example.com",
        recipients=["Bert@Example.org"],
    )
    assert recipients(console.get(URL, {"q": search})) == ["Bert@Example.org"]


def test_search_finds_directmails_own_mail_by_its_envelope_sender(console):
    make_mail()
    make_mail(
        origin="system",
        sender_address="",
        mail_from="directmail@mail.example.com",
        recipients=["owner@example.org"],
    )
    assert recipients(console.get(URL, {"q": "DirectMail@"})) == ["owner@example.org"]


@pytest.mark.parametrize("search", ["news@bücher.example", "News@xn--bcher-kva.example"])
def test_an_address_is_found_as_it_is_shown_and_as_it_is_stored(console, search):
    make_mail(sender_address="news@xn--bcher-kva.example", recipients=["anna@example.org"])
    assert recipients(console.get(URL, {"q": search})) == ["anna@example.org"]


@pytest.mark.parametrize("search", ["%", "_", "\\", "a\0nna", "'; --", "é" * 300])
def test_odd_search_texts_do_no_harm(console, search):
    make_mail(recipients=["x_y@example.org"])
    response = console.get(URL, {"q": search})
    assert response.status_code == 200
    assert recipients(response) == []


def test_a_mail_that_matches_twice_is_shown_once(console):
    make_mail(recipients=["app@example.com"])
    assert recipients(console.get(URL, {"q": "app@example.com"})) == ["app@example.com"]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("queued", "Queued"),
        ("deferred", "Deferred"),
        ("leased", "Being relayed"),
        ("relayed", "Relayed"),
        ("bounced", "Bounced"),
        ("expired", "Expired"),
        ("cancelled", "Cancelled"),
        ("held", "Set aside"),
    ],
)
def test_the_log_can_be_filtered_by_state(console, state, word):
    make_one_in_each_state()
    response = console.get(URL, {"state": state})
    assert recipients(response) == [f"{state}@x.example"]
    assert word in response.content.decode().split("<tbody>")[1]


def test_an_unknown_state_filters_nothing(console):
    make_one_in_each_state()
    assert len(recipients(console.get(URL, {"state": "lost"}))) == 8


def test_search_and_state_narrow_together(console):
    make_one_in_each_state()
    assert recipients(console.get(URL, {"q": "app@", "state": "bounced"})) == ["bounced@x.example"]
    assert recipients(console.get(URL, {"q": "bounced@", "state": "relayed"})) == []


@pytest.mark.parametrize("search", ["shop.example", "Shop.Example", "bücher.shop.example"])
def test_a_domain_is_found_without_the_sign_before_it(console, search):
    domain = search.lower().replace("ü", "ue")
    make_mail(recipients=[f"anna@{search}"], sender_address=f"app@{domain}")
    make_mail(recipients=["bert@other.example"])
    page = console.get(URL, {"q": search})
    assert recipients(page) == [f"anna@{search}"]
    assert f"so this is the mail of the domain @{search}." in page.content.decode()
    assert page.context["selection"].search == f"@{search}"
    assert f"q={search}" in unquote(page.context["list"].export_url)
    file = b"".join(console.get(page.context["list"].export_url).streaming_content).decode()
    assert f"anna@{search}" in file
    assert "bert@other.example" not in file


def test_what_an_address_begins_with_is_no_domain(console):
    make_mail(recipients=["former.colleague@x.example"])
    make_mail(recipients=["anna@former.colleague"])
    page = console.get(URL, {"q": "former.colleague"})
    assert recipients(page) == ["former.colleague@x.example"]
    assert "so this is the mail of the domain" not in page.content.decode()


def test_where_nothing_is_found_the_other_places_are_a_link_away(console):
    make_mail(subject="Order 4360", recipients=["anna@shop.example"])
    text = console.get(URL, {"q": "4360", "state": "queued", "below": "999999999"})
    assert "Search subjects for “4360”" in text.content.decode()
    href = html.unescape(re.search(r'href="(\?[^"]*)">Search subjects', text.content.decode())[1])
    assert recipients(console.get(URL + href)) == ["anna@shop.example"]
    assert "below" not in href
    assert "state=queued" in href
    text = console.get(URL, {"q": "shop.example", "in": "subject"}).content.decode()
    href = html.unescape(re.search(r'href="(\?[^"]*)">Search the domain @shop.example', text)[1])
    assert recipients(console.get(URL + href)) == ["anna@shop.example"]


def test_a_number_that_counts_longer_than_mail_is_kept_says_so(console, settings):
    settings.MAIL_HISTORY_LIFETIME = timedelta(days=7)
    make_mail()
    until = timezone.now()
    for days, is_told in ((30, True), (6, False)):
        since = (until - timedelta(days=days)).isoformat()
        query = {"outcome": "accepted", "since": since, "until": until.isoformat()}
        text = console.get(URL, query).content.decode()
        assert ("Mail is kept for 7 days here" in text) is is_told
