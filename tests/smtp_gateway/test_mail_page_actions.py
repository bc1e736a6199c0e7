"""What a page of the mail log offers to do, and shows of what was done."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway.models import CaughtMail, Delivery, MessageContent
from smtp_gateway.queue import acting
from tests.smtp_gateway.mails import attempt_all, lease_all, make_caught, make_mail
from tests.smtp_gateway.test_mail_page import page


def test_what_was_done_by_hand_stands_between_the_attempts_and_is_none(console):
    queue_id = make_mail()
    attempt_all("deferred", reason="The mailbox is full.")
    acting.retry([Delivery.objects.get().pk], operator="op@example.com")
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    attempt_all("deferred", reason="The mailbox is still full.")
    acting.cancel([Delivery.objects.get().pk], operator="op@example.com")
    text = page(console, queue_id)
    story = [
        "Attempt 1", "Retry asked for by op@example.com.", "Attempt 2",
        "Cancelled by op@example.com.",
    ]  # fmt: skip
    places = [text.rindex(words) for words in story]
    assert places == sorted(places)
    assert "Attempt 3" not in text
    assert "data-live" not in text


def test_an_attempt_says_whose_fault_it_was_and_how_far_its_connection_could_be_trusted(console):
    queue_id = make_mail()
    attempt_all(
        "deferred",
        category="our-ip-blocked",
        fault="us",
        tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
        tls_result="mta-sts",
    )
    text = page(console, queue_id)
    assert "<code>our-ip-blocked</code>" in text
    assert "our fault, not the recipient&#x27;s" in text
    assert "Ask for removal from the blocklist" in text
    assert "TLS_AES_256_GCM_SHA384, certificate checked as MTA-STS asks" in text


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ("queued", ["Cancel mail"]),
        ("deferred", ["Retry now", "Cancel mail"]),
        ("leased", []),
        ("held", ["Release", "Cancel mail"]),
        ("bounced", ["Send again"]),
    ],
)
def test_each_recipient_offers_what_can_be_done(console, state, labels):
    queue_id = make_mail()
    if state == "leased":
        lease_all()
    elif state in ("deferred", "bounced"):
        attempt_all(state)
    elif state == "held":
        Delivery.objects.update(state=state)
    shown = re.findall(
        r"</svg>([^<]+)<bdi class=\"visually-hidden\"> anna", page(console, queue_id)
    )
    assert shown == labels


def test_several_recipients_can_be_acted_on_together(console):
    queue_id = make_mail(recipients=["a@example.org", "b@example.org"])
    assert "All recipients:" in page(console, queue_id)
    assert "All recipients:" not in page(console, make_mail())


def test_a_mail_that_is_set_aside_is_not_asked_for_again_and_again(console):
    queue_id = make_mail()
    Delivery.objects.update(state="held", reason="Three relays died with it in hand.")
    text = page(console, queue_id)
    assert "Set aside" in text
    assert "Three relays died with it in hand." in text
    assert "data-live" not in text


def test_a_mail_whose_content_is_gone_says_so_and_is_not_offered_again(console):
    queue_id = make_mail()
    attempt_all("relayed")
    assert "No longer kept" not in page(console, queue_id)
    assert "Send again" in page(console, queue_id)
    MessageContent.objects.all().delete()
    text = page(console, queue_id)
    assert "so this mail cannot be shown or sent again." in text
    assert "Send again" not in text
    assert "anna@example.org" in text


def test_a_mail_that_has_left_the_local_mailbox_has_no_link_there(console):
    queue_id = make_caught()
    CaughtMail.objects.all().delete()
    text = page(console, queue_id)
    assert "Open in Local Mailbox" not in text
    assert console.get(f"/mailbox/{queue_id}/").status_code == 404


@pytest.mark.parametrize(
    ("tls_result", "is_said"), [("none", True), ("", False)], ids=["connected", "never connected"]
)
def test_an_attempt_without_a_connection_says_nothing_of_tls(console, tls_result, is_said):
    queue_id = make_mail()
    attempt_all("bounced", next_hop="null.test", route="mx", tls_result=tls_result)
    assert ("the connection was not protected" in page(console, queue_id)) == is_said
