"""Verify the Return Address, and Change Reply-To."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from directmail.models import Operator
from senders import services
from tests.senders.factories import (
    HTMX,
    change_proof,
    make_sender,
    make_verified_sender,
    reread,
)


def verify_url(pk: int) -> str:
    return reverse("senders:verify", args=[pk])


def change_url(pk: int) -> str:
    return reverse("senders:change_reply_to", args=[pk])


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_question_names_the_mailbox_and_sends_nothing(
    console: Client, headers: dict[str, str]
) -> None:
    sender = make_sender("news@example.com", reply_to="help@example.com")
    page = console.get(verify_url(sender.pk), headers=headers)
    assert "help@example.com" in page.text
    assert "news@example.com" in page.text
    assert "valid for 10 minutes" in page.text
    assert reread(sender).reply_to_state(timezone.now()) == "unverified"


def test_confirming_starts_the_mail(
    console: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    sender = make_sender(reply_to="help@example.com")
    with django_capture_on_commit_callbacks() as started:
        answer = console.post(verify_url(sender.pk), headers=HTMX)
    assert answer.status_code == 204
    message = json.loads(answer.headers["HX-Trigger"])["console:done"]["message"]
    assert message == "A mail with a link is on its way to help@example.com."
    assert len(started) == 1
    assert reread(sender).reply_to_state(timezone.now()) == "sending"


def test_without_javascript_the_list_says_that_the_mail_is_on_its_way(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    page = console.post(verify_url(sender.pk), follow=True)
    assert "A mail with a link is on its way to help@example.com." in page.text


def test_too_soon_says_until_when_and_how_long(console: Client, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    sender = make_sender(reply_to="help@example.com")
    asked_at = timezone.now() - timedelta(minutes=4, seconds=30)
    services.request_reply_to_verification(sender, now=asked_at)
    again = timezone.localtime(asked_at + timedelta(minutes=10)).strftime("%H:%M")
    for page in (console.get(verify_url(sender.pk)), console.post(verify_url(sender.pk))):
        assert "You can ask again at" in page.text
        assert f">{again}</time>, in 6 minutes." in page.text
        assert "Send the mail" not in page.text
    assert page.status_code == 409


def test_too_soon_keeps_the_older_link(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    link = reread(sender).reply_to_verification.link_id
    assert console.post(verify_url(sender.pk), headers=HTMX).status_code == 409
    assert reread(sender).reply_to_verification.link_id == link


def test_after_ten_minutes_it_can_be_asked_again(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    change_proof(sender, requested_at=timezone.now() - timedelta(minutes=10))
    assert "Send the mail" in console.get(verify_url(sender.pk)).text
    assert console.post(verify_url(sender.pk), headers=HTMX).status_code == 204


def test_a_verified_address_needs_no_mail(console: Client) -> None:
    sender = make_verified_sender()
    assert "is verified" in console.get(verify_url(sender.pk)).text
    assert console.post(verify_url(sender.pk)).status_code == 409


def test_without_a_reply_to_one_has_to_be_set_first(console: Client) -> None:
    sender = make_sender()
    for page in (console.get(verify_url(sender.pk)), console.post(verify_url(sender.pk))):
        assert "has no reply-to address yet" in page.text
        assert change_url(sender.pk) in page.text


def test_changing_shows_the_present_address(console: Client) -> None:
    sender = make_verified_sender(reply_to="help@example.com")
    page = console.get(change_url(sender.pk), headers=HTMX)
    assert 'value="help@example.com"' in page.text
    assert "has to be verified anew" in page.text


def test_changing_clears_the_proof(console: Client) -> None:
    sender = make_verified_sender(reply_to="help@example.com")
    page = console.post(change_url(sender.pk), {"reply_to": "New@Example.com"}, follow=True)
    assert "Replies are to go to new@example.com. Verify it next." in page.text
    assert reread(sender).reply_to_address == "new@example.com"
    assert reread(sender).verified_reply_to == ""


def test_the_reply_to_can_be_taken_away(console: Client) -> None:
    sender = make_verified_sender("news@example.com")
    page = console.post(change_url(sender.pk), {"reply_to": ""}, follow=True)
    assert "news@example.com has no reply-to address now." in page.text
    assert reread(sender).reply_to_verification is None


def test_saving_the_same_address_keeps_the_proof(console: Client) -> None:
    sender = make_verified_sender(reply_to="help@example.com")
    page = console.post(change_url(sender.pk), {"reply_to": "help@example.com"}, follow=True)
    assert "help@example.com stays verified." in page.text


def test_a_broken_address_is_refused_at_its_field(console: Client) -> None:
    sender = make_verified_sender(reply_to="help@example.com")
    page = console.post(change_url(sender.pk), {"reply_to": "no"}, headers=HTMX)
    assert page.status_code == 422
    assert 'id="id_reply_to_error"' in page.text
    assert 'value="no"' in page.text
    assert reread(sender).verified_reply_to == "help@example.com"


def test_too_soon_after_a_mail_that_could_not_be_sent_says_why_it_was_not(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    change_proof(sender, mail_state="failed", mail_problem="550 5.1.1 no such user")
    page = console.get(verify_url(sender.pk), headers=HTMX)
    assert "could not be sent: <span" in page.text
    assert "550 5.1.1 no such user" in page.text
    assert "You can ask again at" in page.text


def test_too_soon_after_a_change_says_that_the_earlier_link_is_void(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    services.change_reply_to(sender, reply_to="other@example.com")
    services.change_reply_to(sender, reply_to="help@example.com")
    page = console.get(verify_url(sender.pk))
    assert "Its link no longer counts" in page.text
    assert "You can ask again at" in page.text


def test_the_mail_names_the_operator_who_asks(console: Client) -> None:
    sender = make_sender(reply_to="help@example.com")
    console.post(verify_url(sender.pk), headers=HTMX)
    asked_by = reread(sender).reply_to_verification.requested_by
    assert Operator.objects.filter(email=asked_by).exists()
