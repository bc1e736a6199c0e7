"""Each section says what gateway and relay would do, and what to change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from senders.models import Standing
from senders.services import suspend
from senders.suppressions.services import suppress
from smtp_gateway.directory import find_senders
from smtp_gateway.mail_policy import Quota
from smtp_gateway.models import Message
from smtp_gateway.preview.repeating import repeated_lines
from smtp_gateway.preview.values import Asked
from smtp_gateway.quota.charging import charge
from smtp_gateway.routes.services import create_route
from smtp_gateway.submission.address import Path
from tests.senders.deciding import decide
from tests.senders.domains.factories import make_domain
from tests.senders.factories import log_in, make_sender
from tests.smtp_gateway.preview.asking import MAIL, A, make_key, make_ready, told
from tests.smtp_gateway.queued import enqueue

pytestmark = pytest.mark.django_db


def test_a_plain_mail_is_accepted_and_goes_at_once() -> None:
    found = told(make_ready())
    assert {line.kind for line in found["door"].values()} == {"ok"}
    assert found["door"]["Recipients accepted: 1"].code == "250 2.1.5 Recipient ok"
    assert found["turn"]["Leaves at once"].kind == "ok"
    assert found["turn"]["Tried for 24 hours"].kind == "info"


def test_nothing_is_written() -> None:
    told(make_ready("batch"))
    assert not Message.objects.exists()
    assert not Standing.objects.exists()


def test_an_address_that_is_off_or_suspended_gets_nowhere() -> None:
    sender = make_sender(A)
    assert told(sender)["door"]["SMTP is off"].code.startswith("535 5.7.8")
    suspend(sender, now=timezone.now())
    found = told(sender)
    assert [*found] == ["door"]
    assert {line.kind for line in found["door"].values()} == {"bad"}
    assert "The address is suspended" in found["door"]


def test_without_a_recipient_that_is_left_nothing_goes_on() -> None:
    found = told(make_ready(), "b@@x", "broken@")
    assert [*found] == ["door"]
    assert [*found["door"]] == ["Standing", "b@@x is refused", "broken@ is refused"]


def test_who_is_refused_takes_no_way() -> None:
    found = told(make_ready(), "b@@x", "b@example.net")
    assert [*found["way"]] == ["To example.net: Local mailbox"]
    assert "Recipients accepted: 1" in found["door"]


def test_the_brake_is_told() -> None:
    sender = make_ready("batch")
    now = timezone.now()
    Standing.objects.create(sender=sender, brake="complaints", braked_at=now)
    found = told(sender)
    assert found["door"]["The brake of the address is on"].kind == "wait"
    assert found["turn"]["No pace"].text == "The brake is on: nothing of this address leaves."


def test_what_is_left_under_a_brake_is_counted_from_then_on() -> None:
    sender, now = make_ready(), timezone.now()
    charge(address=A, mail_type="trigger", quota=Quota(), recipients=700, now=now)
    Standing.objects.create(
        sender=sender, brake="complaints", braked_at=now, counted_from=now, allowed_per_hour=50,
        allowed_per_day=500, accepted_in_hour_before=700, accepted_in_day_before=700,
    )  # fmt: skip
    line = told(sender)["door"]["There is room in the quotas"]
    assert line.text == "Used this hour: 0 of 50; today: 0 of 500."


def test_suppressed_and_broken_recipients_are_refused_in_the_very_words() -> None:
    sender = make_ready()
    suppress(
        reason="hard-bounce", recipient_or_domain="gone@example.net", sender_address=A,
        evidence="550 5.1.1 User unknown", category="no-such-mailbox", now=timezone.now(),
    )  # fmt: skip
    found = told(sender, "gone@example.net", "broken@", '"odd name"@example.net')["door"]
    assert found["gone@example.net is refused"].code.startswith("550 5.1.1 No mail is sent")
    assert found["broken@ is refused"].code == "501 5.1.3 Bad recipient address syntax"
    assert found["Recipients accepted: 1"].kind == "ok"


def test_who_had_too_many_mails_just_now_has_to_wait(settings: Any) -> None:
    settings.SAME_RECIPIENT_MAX_MAILS, settings.SAME_RECIPIENT_WINDOW = 2, timedelta(minutes=5)
    sender = make_ready()
    for _ in range(2):
        enqueue("Ann@home.example", "bob@home.example", sender_address=A)
    enqueue("ann@home.example", sender_address="other@example.com")
    Message.objects.order_by("pk").first().deliveries.filter(recipient__startswith="bob").delete()
    door = told(sender, "ann@home.example", "bob@home.example")["door"]
    line = door["ann@home.example had too many mails just now"]
    assert line.kind == "wait"
    assert line.code.startswith("450 4.7.1 ")
    assert "Recipients accepted: 1" in door


def test_what_was_sent_longer_ago_counts_no_more(settings: Any) -> None:
    settings.SAME_RECIPIENT_MAX_MAILS, settings.SAME_RECIPIENT_WINDOW = 1, timedelta(minutes=5)
    sender = make_ready()
    enqueue("ann@home.example", sender_address=A)
    Message.objects.update(accepted_at=timezone.now() - timedelta(minutes=6))
    assert "Recipients accepted: 1" in told(sender, "ann@home.example")["door"]


def test_it_waits_as_long_as_the_gateway_counts_in_its_steps(settings: Any) -> None:
    settings.SAME_RECIPIENT_MAX_MAILS, settings.SAME_RECIPIENT_WINDOW = 1, timedelta(minutes=5)
    make_ready()
    enqueue("ann@home.example", sender_address=A)
    now = datetime(2026, 11, 23, 12, 0, 59, tzinfo=UTC)
    # More than five minutes ago, and yet within the minute that is the oldest to count.
    Message.objects.update(accepted_at=datetime(2026, 11, 23, 11, 55, 1, tzinfo=UTC))
    asked = Asked(find_senders([A])[A], (), MAIL, len(MAIL), now)
    (line,) = repeated_lines([Path("Ann", "home.example")], asked)
    assert line.code == (
        "450 4.7.1 Too many mails to one recipient, at most 1 in 300 seconds, "
        "counted in steps of a fifth of that; try again at 2026-11-23 12:01:00 UTC, in 1 seconds"
    )


def test_what_is_beyond_the_recipients_of_a_mail_is_told() -> None:
    sender = make_ready()
    decide("trigger", max_recipients=2)
    found = told(sender, *[f"r{n}@example.net" for n in range(3)])["door"]
    assert found["Too many recipients for one mail"].code.startswith("452 4.5.3")


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (MAIL.replace(b"From: a@", b"From: b@"), "550 5.7.1"),
        (b"Subject: no from\r\n\r\nx\r\n", "550 5.7.1"),
        (MAIL.replace(b"Hello.", b"bare\nlf"), "550 5.6.0"),
        (b"no header at all\r\n\r\nx\r\n", "550 5.6.0"),
    ],
    ids=["another-from", "no-from", "bare-lf", "no-header"],
)
def test_what_data_would_refuse_goes_no_further(content: bytes, reply: str) -> None:
    found = told(make_ready(), content=content)
    assert found["door"]["The message is refused"].code.startswith(reply)
    assert list(found) == ["door"]


def test_a_size_alone_is_enough_to_be_too_large() -> None:
    found = told(make_ready(), size_bytes=10**9)
    assert [*found] == ["door"]
    assert found["door"]["The mail is too large"].code.startswith("552 5.3.4")


def test_what_is_added_and_removed_is_shown_to_the_letter() -> None:
    content = b"Bcc: c@example.net\r\n" + MAIL
    found = told(make_ready(), content=content)["mail"]
    assert found["Received is added"].code.startswith("Received: from client.example")
    assert found["Message-ID is added"].code.startswith("Message-ID: <")
    assert found["Date is added"].kind == "info"
    assert found["Bcc is removed"].kind == "info"
    assert "Subject is added" not in found


def test_batch_mail_gets_its_links_signed(settings: Any) -> None:
    settings.PUBLIC_URL = "https://mail.example.com"
    make_key()
    found = told(make_ready("batch"), "b@example.net", "c@example.net")["mail"]
    assert "List-Unsubscribe: <https://" in found["List-Unsubscribe is added"].code
    post = found["List-Unsubscribe-Post is added"]
    assert post.code.endswith("List-Unsubscribe=One-Click")
    assert post.text.endswith("the signature covers it.")
    assert "Receivers will not offer one click" not in found
    assert found["Precedence is added"].code == "Precedence: bulk"
    assert found["Each recipient gets a copy of its own"].kind == "info"
    assert found["DKIM-Signature is added"].code == "d=example.com; s=dm1; a=ed25519-sha256"


def test_without_https_one_click_is_not_promised() -> None:
    make_key()
    found = told(make_ready("batch"))["mail"]
    assert "List-Unsubscribe: <http://" in found["List-Unsubscribe is added"].code
    assert "List-Unsubscribe-Post is added" not in found
    line = found["Receivers will not offer one click"]
    assert (line.kind, "not https" in line.text) == ("wait", True)


def test_unsigned_links_are_told(settings: Any) -> None:
    settings.PUBLIC_URL = "https://mail.example.com"
    found = told(make_ready("batch"))["mail"]
    assert found["List-Unsubscribe-Post is added"].text.endswith("no signature covers it.")
    assert "No DKIM signature" in found["Receivers will not offer one click"].text


def test_trigger_mail_gets_no_link() -> None:
    assert "List-Unsubscribe is added" not in told(make_ready())["mail"]


def test_a_return_path_of_its_own_is_told(settings: Any) -> None:
    settings.SIGN_RETURN_PATHS = True
    sender = make_ready()
    assert "The envelope sender stays" in told(sender)["mail"]
    make_domain("example.com", state="verified", return_path_verified_at=timezone.now())
    line = told(sender)["mail"]["Its return path is its own"]
    assert line.code.endswith("@bounces.example.com>")


def test_without_a_key_the_mail_leaves_unsigned() -> None:
    assert told(make_ready())["mail"]["The mail leaves unsigned"].kind == "wait"


def test_the_route_is_the_real_one(settings: Any) -> None:
    sender = make_ready()
    kept = told(sender)["way"]["To example.net: Local mailbox"]
    assert kept.kind == "wait"
    settings.ALLOW_UNVERIFIED_DOMAINS = True
    values = {
        "name": "Provider", "kind": "smarthost", "host": "smtp.provider.example", "port": 587,
        "recipient_domains": "example.net",
    }  # fmt: skip
    create_route(values=values, password="", operator="test")
    found = told(sender, "b@example.net", "c@example.org", "broken@")["way"]
    assert len(found) == 2
    assert found["To example.net: Provider"].text == "To smtp.provider.example, port 587."
    assert found["To example.org: Local mailbox"].kind == "wait"


def test_the_page_answers_below_the_form_it_was_asked_with(client: Client) -> None:
    sender = make_ready("batch")
    log_in(client, "operator")
    assert f'value="{sender.pk}" selected' in client.get(f"/preview/?sender={sender.pk}").text
    fields = {
        "sender": sender.pk, "recipients": "b@example.net, c@example.net", "subject": "News",
        "text": "Hello",
    }  # fmt: skip
    text = client.post("/preview/", fields).text
    assert "It would be accepted" in text
    assert "List-Unsubscribe: " in text
    assert 'value="News"' in text


def test_a_pasted_source_is_taken_for_the_mail(client: Client) -> None:
    sender = make_ready()
    log_in(client, "operator")
    source = "From: else@example.com\nSubject: x\n\nHello\n"
    fields = {"sender": sender.pk, "recipients": "b@example.net", "source": source}
    text = client.post("/preview/", fields).text
    assert "Something of it would be refused" in text
    assert "550 5.7.1" in text


@pytest.mark.parametrize(
    "changes",
    [{"recipients": " , "}, {"sender": "0"}, {"size_bytes": "x"}],
    ids=["nobody", "no-sender", "no-size"],
)
def test_what_cannot_be_asked_is_said_at_its_field(client: Client, changes: dict[str, str]) -> None:
    sender = make_ready()
    log_in(client, "operator")
    fields = {"sender": sender.pk, "recipients": "b@example.net", **changes}
    assert client.post("/preview/", fields).status_code == 422
