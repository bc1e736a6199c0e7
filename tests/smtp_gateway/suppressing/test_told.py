"""What other pages say of suppressed recipients."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from senders.models import Suppression
from senders.suppressions.reading import counts_of_sender, holding
from senders.suppressions.services import lift, suppress
from smtp_gateway import queue
from smtp_gateway.models import Message
from smtp_gateway.relay.suppressed import _outcome
from smtp_gateway.submission.suppression import Suppressed
from smtp_gateway.suppressing.feeding import suppress_failed
from tests.senders.factories import log_in, make_sender
from tests.smtp_gateway.mails import lease_all, make_mail

pytestmark = pytest.mark.django_db


def make(target: str, **changes: Any) -> Suppression:
    asked = {"reason": "manual", "now": timezone.now()} | changes
    return suppress(recipient_or_domain=target, **asked)


def test_the_page_of_a_bounced_mail_leads_to_the_suppression(client: Client) -> None:
    queue_id = make_mail()
    relay_id, (leased,) = lease_all()
    outcome = queue.Outcome(
        leased, "bounced", timezone.now(), "test", "mx.test:25", reply="550 5.1.1 No such user",
        reason_code="next-hop-refused-recipient", category="no-such-mailbox", fault="recipient",
    )  # fmt: skip
    queue.record(relay_id=relay_id, outcomes=[outcome])
    console = log_in(client)
    assert "now suppressed" not in console.get(f"/mail-log/{queue_id}/").text
    suppress_failed()
    row = Suppression.objects.get()
    html = console.get(f"/mail-log/{queue_id}/").text
    assert "This recipient is now suppressed" in html
    assert f'href="/suppressions/{row.pk}/"' in html
    lift([row], why="x", now=timezone.now())
    assert "now suppressed" not in console.get(f"/mail-log/{queue_id}/").text


def test_a_mail_that_was_stopped_says_so_and_counts_no_attempt(client: Client) -> None:
    queue_id = make_mail()
    relay_id, (leased,) = lease_all()
    why = Suppressed("the recipient opted out", timezone.now())
    queue.record(relay_id=relay_id, outcomes=[_outcome(leased, why, timezone.now())])
    html = log_in(client).get(f"/mail-log/{queue_id}/").text
    assert "Not sent: the recipient is suppressed" in html
    assert "the recipient opted out (5.7.1)." in html
    assert "Attempt 1" not in html


def test_no_test_mail_goes_to_somebody_suppressed(client: Client) -> None:
    sender = make_sender("app@example.com")
    make("example.org")
    told = {"recipient": "anna@mail.example.org"}
    answer = log_in(client).post(f"/sender-addresses/{sender.pk}/test-mail/", told)
    assert answer.status_code == 409
    assert "No mail goes to example.org: it is suppressed (By hand)." in answer.text
    assert not Message.objects.exists()


def test_the_page_of_a_sender_counts_who_gets_none_of_its_mail(client: Client) -> None:
    sender = make_sender("news@example.com")
    for name in "ab":
        make(f"{name}@example.net", reason="opt-out", sender_address=sender.address)
    make("c@example.net", sender_address=sender.address)
    make("d@example.net")
    assert counts_of_sender(sender.address, timezone.now()) == {"opt-out": 2, "manual": 1}
    html = log_in(client).get(f"/sender-addresses/{sender.pk}/").text
    assert "/suppressions/?sender=news%40example.com" in html


def test_of_several_the_one_of_the_recipient_is_told_first() -> None:
    make("example.net")
    own = make("a@example.net", reason="opt-out", sender_address="news@example.com")
    asked = {"recipient": "A@Example.net", "mail_type": "batch", "now": timezone.now()}
    assert holding(sender_address="news@example.com", **asked) == own
    other = holding(sender_address="app@example.com", **asked)
    assert other is not None
    assert other.target == "example.net"
