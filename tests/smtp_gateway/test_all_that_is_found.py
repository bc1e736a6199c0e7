"""All that is found, before something is done to it: in words, and never more than was meant."""

import pytest

from smtp_gateway.models import Delivery
from tests.smtp_gateway.acting import act
from tests.smtp_gateway.mails import make_mail


@pytest.fixture
def mails(db):
    for subject in ("Order 17", "Order 18", "Welcome"):
        make_mail(subject=subject)
    make_mail(mail_type="batch", sender_address="news@example.com", mail_from="news@example.com")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"state": "refused"}, id="state-of-no-delivery"),
        pytest.param({"state": "lost"}, id="unknown-state"),
        pytest.param({"type": "Batch"}, id="unknown-type"),
        pytest.param({"in": "body", "q": "x"}, id="unknown-place"),
        pytest.param({"from": "yesterday"}, id="no-day"),
        pytest.param({"outcome": "bounced"}, id="half-of-a-number"),
        pytest.param({"reason": "no-such-mailbox"}, id="reason-alone"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_filter_that_is_not_understood_is_no_filter_for_all_mail(console, mails, method, query):
    fields = {"of": "found", "known_event": "0", **query}
    response = getattr(console, method)("/mail-log/actions/cancel/", fields, follow=True)
    text = response.content.decode()
    assert response.redirect_chain[0] == ("/mail-log/", 302)
    assert "Nothing was done: the link has a filter that the mail log does not know." in text
    assert not Delivery.objects.filter(state="cancelled").exists()


def test_the_question_says_what_all_that_is_found_was_narrowed_to(console, mails):
    query = {
        "of": "found", "q": "order", "in": "subject", "state": "queued", "type": "trigger",
        "sender": "app@example.com", "from": "2020-03-01", "to": "2200-03-04",
    }  # fmt: skip
    text = console.get("/mail-log/actions/cancel/", query).content.decode()
    for words in (
        "Search: <bdi>order</bdi>", "Search in: <bdi>Subject</bdi>", "State: <bdi>Queued</bdi>",
        "Mail type: <bdi>Trigger Mail</bdi>", "Sender address: <bdi>app@example.com</bdi>",
    ):  # fmt: skip
        assert words in text
    assert "From: <bdi>" in text
    assert "To: <bdi>" in text
    assert "2 recipients" in text


def test_the_question_about_all_mail_says_so(console, mails):
    text = console.get("/mail-log/actions/cancel/", {"of": "found"}).content.decode()
    assert "No filter is set: this is about all mail." in text


def test_the_trail_says_what_it_was_narrowed_to(console, mails):
    act(console, "cancel", of="found", type="batch", sender="news@example.com", to="2200-03-02")
    text = console.get("/mail-log/actions/").content.decode()
    assert "All mail of type batch of news@example.com accepted before 2200-03-03" in text
