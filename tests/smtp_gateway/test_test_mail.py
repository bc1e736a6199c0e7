"""The page /sender-addresses/<id>/test-mail/."""

from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from senders import services
from senders.models import SenderAddress
from smtp_gateway.models import Delivery, Message
from verification.models import Verification


def make_sender(**fields):
    values = {"address": "app@example.com", "mail_type": "trigger", "now": timezone.now()}
    return services.create_sender_address(**{**values, **fields})


def prove(sender):
    Verification.objects.filter(pk=sender.reply_to_verification_id).update(
        requested_at=timezone.now(), confirmed_at=timezone.now(), link_id="x"
    )


def url(sender):
    return f"/sender-addresses/{sender.pk}/test-mail/"


def send(console, sender, **fields):
    return console.post(url(sender), {"recipient": "anna@example.org", **fields})


def sent_mail():
    return message_from_bytes(bytes(Message.objects.get().content.body), policy=default)


def test_without_log_in_nothing_is_sent(client, db):
    assert client.post(url(make_sender()), {"recipient": "a@example.org"}).status_code == 302
    assert not Message.objects.exists()


def test_an_address_that_does_not_exist_is_not_found(console):
    assert console.get("/sender-addresses/999/test-mail/").status_code == 404


def test_opening_the_page_sends_nothing(console):
    assert console.get(url(make_sender())).status_code == 200
    assert not Message.objects.exists()


def test_the_recipient_is_the_operator_at_first_and_then_the_last_one(console):
    sender = make_sender()
    form = console.get(url(sender)).context["form"]
    assert form["recipient"].value() == "operator@example.com"
    send(console, sender)
    assert console.get(url(sender)).context["form"]["recipient"].value() == "anna@example.org"


@pytest.mark.parametrize("mail_type", ["trigger", "batch"])
def test_it_takes_the_queue_and_lane_of_the_address(console, mail_type):
    response = send(console, make_sender(mail_type=mail_type))
    message, delivery = Message.objects.get(), Delivery.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/mail-log/{message.queue_id}/"
    assert (message.origin, message.mail_type) == ("console", mail_type)
    assert message.sender_address == message.mail_from == "app@example.com"
    # Batch mail waits for its turn in another lane.
    lane = {"trigger": "trigger", "batch": "paced"}[mail_type]
    assert (delivery.recipient, delivery.lane, delivery.state) == (
        "anna@example.org",
        lane,
        "queued",
    )


def test_afterwards_the_mails_page_says_that_it_is_queued(console):
    response = console.post(url(make_sender()), {"recipient": "anna@example.org"}, follow=True)
    assert "The test mail is queued." in response.content.decode()
    assert "Composed in the console" in response.content.decode()


def test_a_dialog_is_led_to_the_mails_page(console):
    sender = make_sender()
    response = console.post(
        url(sender), {"recipient": "anna@example.org"}, headers={"HX-Request": "true"}
    )
    assert response["HX-Redirect"] == f"/mail-log/{Message.objects.get().queue_id}/"


def test_subject_and_text_have_defaults(console):
    send(console, make_sender(), subject=" ", text="")
    mail = sent_mail()
    assert mail["Subject"] == "Test mail from app@example.com"
    assert mail["From"] == "app@example.com"
    assert mail["To"] == "anna@example.org"
    assert mail["Date"]
    assert mail["Message-ID"].endswith("@example.com>")
    assert "This is a test mail" in mail.get_content()


def test_subject_and_text_can_be_written(console):
    send(console, make_sender(), subject="Grüße\r\nBcc: x@example.org", text="Hällo\r\n.\r\nEnd")
    mail = sent_mail()
    assert mail["Subject"] == "Grüße Bcc: x@example.org"
    assert mail["Bcc"] is None
    assert mail.get_content().splitlines() == ["Hällo", ".", "End"]
    assert Message.objects.get().subject == "Grüße Bcc: x@example.org"


def test_every_line_of_the_mail_ends_in_crlf(console):
    send(console, make_sender(), text="a\nb\rc\r\nd")
    content = bytes(Message.objects.get().content.body)
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")


def test_a_verified_reply_to_is_carried_and_announced(console):
    sender = make_sender(reply_to="help@example.org")
    prove(sender)
    assert "the verified reply-to address" in console.get(url(sender)).content.decode()
    send(console, sender)
    assert sent_mail()["Reply-To"] == "help@example.org"


def test_an_unverified_reply_to_is_not_carried_and_the_page_says_why(console):
    sender = make_sender(reply_to="help@example.org")
    text = console.get(url(sender)).content.decode()
    assert "The mail carries no reply-to" in text
    assert "help@example.org" in text
    assert "is not verified" in text
    send(console, sender)
    assert sent_mail()["Reply-To"] is None


def test_a_reply_to_whose_mail_is_out_says_what_is_missing(console):
    sender = make_sender(reply_to="help@example.org")
    Verification.objects.update(requested_at=timezone.now(), link_id="x", mail_state="relayed")
    assert "has not been confirmed yet" in console.get(url(sender)).content.decode()


def test_without_a_reply_to_the_page_says_that_none_is_set(console):
    sender = make_sender()
    assert "none is set for this address" in console.get(url(sender)).content.decode()
    send(console, sender)
    assert sent_mail()["Reply-To"] is None


def test_a_changed_reply_to_is_not_carried_by_the_old_proof(console):
    sender = make_sender(reply_to="help@example.org")
    prove(sender)
    sender.refresh_from_db()
    services.change_reply_to(sender, reply_to="other@example.org")
    send(console, sender)
    assert sent_mail()["Reply-To"] is None


@pytest.mark.parametrize(
    ("recipient", "text"),
    [
        ("", "Enter the address that the test mail goes to."),
        ("anna", "An email address must have an @-sign."),
        ("anna@localdomain", "The domain needs a dot"),
        ("a@example.org\r\nBcc: b@example.org", "invalid characters"),
        ("a@example.org, b@example.org", "@-sign"),
    ],
)
def test_a_recipient_that_is_none_is_refused_at_its_field(console, recipient, text):
    response = send(console, make_sender(), recipient=recipient, subject="Kept")
    assert response.status_code == 422
    assert text in response.content.decode().replace("&#x27;", "'")
    assert 'value="Kept"' in response.content.decode()
    assert not Message.objects.exists()


def test_the_recipient_is_normalized(console):
    send(console, make_sender(), recipient="  Anna@Bücher.Example ")
    assert Delivery.objects.get().recipient == "anna@xn--bcher-kva.example"


def test_a_suspended_address_sends_nothing(console):
    sender = make_sender()
    services.suspend(sender, now=timezone.now())
    assert "is suspended" in console.get(url(sender)).content.decode()
    response = send(console, sender)
    assert response.status_code == 409
    assert "is suspended, so no mail can be sent as it." in response.content.decode()
    assert not Message.objects.exists()


def test_smtp_need_not_be_on(console):
    sender = make_sender()
    assert not SenderAddress.objects.get(pk=sender.pk).smtp_enabled
    assert send(console, sender).status_code == 302


def test_the_dialog_shows_the_form_alone(console):
    response = console.get(url(make_sender()), headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert 'id="dialog-title"' in response.content.decode()
