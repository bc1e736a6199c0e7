"""What was refused at the door is kept for a while and shown under Refused in the mail log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway import refusals
from smtp_gateway.models import RefusedMail
from smtp_gateway.submission.refused import Refused
from tests.smtp_gateway.mails import make_mail
from tests.smtp_gateway.smtp_sessions.told import keep, make_snapshot


def make_refused(sender="app@example.com", **changes):
    values = {
        "at": timezone.now() - timedelta(minutes=1), "sender_address": sender, "mail_from": sender,
        "recipients": ["anna@example.org"], "code": "from-not-sender",
        "reply": "550 5.7.1 From header must be app@example.com, the address you log in as",
        "client_ip": "192.0.2.7", "session_id": "5e551011d0000001",
    }  # fmt: skip
    return Refused(**{**values, **changes})


def page(console, **query):
    response = console.get("/mail-log/", {"state": "refused", **query})
    assert response.status_code == 200
    return response.content.decode()


def test_a_refused_mail_is_shown_with_the_reason(console):
    refusals.write([make_refused()])
    text = page(console)
    for fact in ("app@example.com", "anna@example.org", "from-not-sender", "550 5.7.1 From header",
                 "192.0.2.7", "5e551011d0000001", "Refused"):  # fmt: skip
        assert fact in text


def test_it_leads_to_what_was_said_as_long_as_that_is_kept(console):
    keep(make_snapshot("EHLO app", session_id="5e551011d0000001"))
    refusals.write([make_refused(), make_refused(session_id="5e551011d0000002")])
    text = page(console)
    assert 'href="/smtp-sessions/5e551011d0000001/"' in text
    assert 'href="/smtp-sessions/5e551011d0000002/"' not in text


def test_it_is_under_no_other_state(console):
    refusals.write([make_refused(recipients=["nobody@example.org"])])
    make_mail()
    assert "nobody@example.org" not in console.get("/mail-log/").content.decode()
    assert "anna@example.org" not in page(console)


def test_no_more_than_the_first_recipients_are_kept(console):
    refusals.write([make_refused(recipients=[f"r{n:02}@example.org" for n in range(25)])])
    text = page(console)
    assert "r09@example.org" in text
    assert "r10@example.org" not in text
    assert "and 15 more" in text


def test_it_is_found_by_how_its_sender_begins(console):
    refusals.write([make_refused(session_id="S-app"), make_refused("shop@xn--bcher-kva.example")])
    assert "S-app" not in page(console, q="shop@")
    assert "shop@bücher.example" in page(console, q="shop@bücher.example")
    assert "No mail found" in page(console, q="nobody@")


def test_without_a_refused_mail_the_page_says_what_would_be_there(console):
    assert "No refused mail" in page(console)


def test_older_ones_are_a_page_away(console):
    refusals.write([make_refused(session_id=f"s{n:03}") for n in range(60)])
    text = page(console)
    assert "s059" in text
    assert "s009" not in text
    oldest_shown = RefusedMail.objects.get(session_id="s010").pk
    assert "s009" in page(console, below=oldest_shown)


@pytest.mark.django_db
def test_one_sender_cannot_push_out_the_others(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_PER_SENDER", 3)
    monkeypatch.setattr(refusals, "MAX_IN_ALL", 7)
    refusals.write([make_refused("quiet@example.com")])
    for n in range(5):
        refusals.write([make_refused("loud@example.com", session_id=str(n))] * 2)
    kept = RefusedMail.objects.order_by("id").values_list("sender_address", "session_id")
    assert [sender for sender, _ in kept].count("quiet@example.com") == 1
    assert [session for sender, session in kept if sender == "loud@example.com"] == ["3", "4", "4"]


@pytest.mark.django_db
def test_in_all_no_more_than_a_bounded_number_is_kept(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_IN_ALL", 7)
    refusals.write([make_refused(f"a{n}@example.com") for n in range(10)])
    assert RefusedMail.objects.count() == 7
    assert not RefusedMail.objects.filter(sender_address="a2@example.com").exists()
