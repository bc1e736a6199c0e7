"""Mail that DirectMail composes itself takes the queue."""

import re
from datetime import timedelta
from email.message import EmailMessage as ComposedMail

import pytest
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from smtp_gateway.compose import BadAddress, envelope_address, submit_composed
from smtp_gateway.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_real_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    # Django's test environment puts another in its place.
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "smtp_gateway.mail_backend.QueueBackend")


def send(mail: EmailMessage) -> Message:
    assert mail.send() == 1
    return Message.objects.get()


def content(message: Message) -> bytes:
    return bytes(message.content.body)


def recipients(message: Message) -> list[str]:
    return list(message.deliveries.order_by("id").values_list("recipient", flat=True))


def test_a_mail_is_queued_as_directmails_own() -> None:
    message = send(EmailMessage("Hello", "Text.", "DirectMail <dm@example.com>", ["a@x.test"]))
    assert (message.origin, message.mail_type, message.sender_address) == ("system", "trigger", "")
    assert (message.mail_from, recipients(message)) == ("dm@example.com", ["a@x.test"])
    assert (message.subject, message.needs_smtputf8, message.is_8bit) == ("Hello", False, False)


def test_it_has_date_and_message_id_and_whole_line_ends() -> None:
    message = send(EmailMessage("Hello", "one\ntwo\r\nthree\rfour", None, ["a@x.test"]))
    body = content(message)
    assert re.search(rb"^Date: \w", body, re.M)
    assert f"Message-ID: {message.message_id}\r\n".encode() in body
    assert body.endswith(b"\r\n\r\none\r\ntwo\r\nthree\r\nfour")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", body)


def test_a_subject_is_encoded_in_the_mail_and_readable_in_the_log() -> None:
    message = send(EmailMessage("Grüße 你好", "Text.", None, ["a@x.test"]))
    assert message.subject == "Grüße 你好"
    assert b"Subject: =?utf-8?" in content(message)
    assert not message.needs_smtputf8


def test_a_long_subject_is_read_whole() -> None:
    subject = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " * 4
    assert send(EmailMessage(subject, "Text.", None, ["a@x.test"])).subject == subject.strip()


def test_8bit_text_is_kept_and_known() -> None:
    message = send(EmailMessage("Hello", "Grüße", None, ["a@x.test"]))
    assert message.is_8bit
    assert content(message).endswith("\r\n\r\nGrüße".encode())


def test_long_lines_fit_into_smtp() -> None:
    message = send(EmailMessage("Hello", "ü" * 3000, None, ["a@x.test"]))
    assert max(map(len, content(message).split(b"\r\n"))) <= 998


def test_text_and_html_are_both_there() -> None:
    mail = EmailMultiAlternatives("Hello", "Text.", None, ["a@x.test"])
    mail.attach_alternative("<p>HTML.</p>", "text/html")
    body = content(send(mail))
    assert b"Text." in body
    assert b"<p>HTML.</p>" in body


def test_recipients_are_bare_addresses_once_each() -> None:
    mail = EmailMessage(
        "Hello", "Text.", None, to=["Ä <a@X.test>", "b@bücher.test"], cc=["a@x.test"]
    )
    assert recipients(send(mail)) == ["a@x.test", "b@xn--bcher-kva.test"]


def test_bcc_recipients_get_the_mail_and_no_header_names_them() -> None:
    message = send(EmailMessage("Hello", "Text.", None, ["a@x.test"], bcc=["secret@x.test"]))
    assert recipients(message) == ["a@x.test", "secret@x.test"]
    assert b"secret" not in content(message)


def test_a_mail_without_recipients_is_not_sent() -> None:
    assert EmailMessage("Hello", "Text.", None, []).send() == 0
    assert not Message.objects.exists()


def test_several_mails_are_counted() -> None:
    mails = [EmailMessage("Hello", "Text.", None, [f"{n}@x.test"]) for n in range(3)]
    assert get_connection().send_messages(mails) == 3
    assert Message.objects.count() == 3


def test_an_address_that_is_none_is_refused_or_passed_over_in_silence() -> None:
    mail = EmailMessage("Hello", "Text.", None, ["nobody"])
    with pytest.raises(BadAddress):
        mail.send()
    assert get_connection(fail_silently=True).send_messages([mail]) == 0
    assert not Message.objects.exists()


def test_a_database_fault_is_raised_or_passed_over_in_silence_and_the_transaction_lives() -> None:
    mail = EmailMessage("Hello", "Text.", None, [f"{'x' * 400}@x.test"])
    with pytest.raises(DatabaseError), transaction.atomic():
        mail.send()
    assert get_connection(fail_silently=True).send_messages([mail]) == 0
    assert connection.in_atomic_block
    assert not Message.objects.exists()


def compose(**headers: str) -> ComposedMail:
    mail = ComposedMail()
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Text.")
    return mail


def submit(mail: ComposedMail, *to: str) -> Message:
    queue_id = submit_composed(
        mail,
        origin="console",
        mail_type="batch",
        mail_from="news@example.com",
        recipients=to or ("a@x.test",),
        sender_address="news@example.com",
    )
    return Message.objects.get(queue_id=queue_id)


def test_a_composed_mail_gets_what_it_lacks_and_loses_bcc() -> None:
    message = submit(compose(Subject="Hello", Bcc="secret@x.test"))
    body = content(message)
    assert re.search(rb"^Date: \w", body, re.M)
    assert message.message_id.endswith("@mail.directmail.test>")
    assert b"Bcc" not in body
    assert (message.origin, message.mail_type) == ("console", "batch")
    assert message.sender_address == "news@example.com"
    assert message.expires_at - message.accepted_at == settings.MAIL_LIFETIME["batch"]


def test_a_composed_mail_keeps_its_own_message_id() -> None:
    assert submit(compose(Message_ID="<own@x.test>")).message_id == "<own@x.test>"


def test_an_address_outside_ascii_needs_smtputf8() -> None:
    message = submit(compose(Subject="Hello"), "jürgen@x.test")
    assert message.needs_smtputf8
    assert recipients(message) == ["jürgen@x.test"]


@pytest.mark.parametrize("subject", ["=?utf-8?b?AAAA?=", "=?utf-8?q?=ED=A0=80?=", "=?nope?q?x?="])
def test_a_subject_that_no_text_column_can_hold_is_made_one(subject: str) -> None:
    mail = EmailMessage("Hello", "Text.", None, ["a@x.test"], headers={"Subject": subject})
    shown = send(mail).subject
    assert "\x00" not in shown
    assert shown.encode()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@x.test", "a@x.test"),
        ("Name <A.b@X.Test>", "A.b@x.test"),
        ('"a b"@x.test', '"a b"@x.test'),
        ("a@Bücher.test", "a@xn--bcher-kva.test"),
    ],
)
def test_an_envelope_address_is_bare_with_its_domain_in_a_labels(text: str, address: str) -> None:
    assert envelope_address(text) == address


@pytest.mark.parametrize("text", ["", "nobody", "@x.test", "a@", "a\r\nb@x.test", "a@\ud800.test"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        envelope_address(text)


def test_a_mail_may_say_when_it_is_worth_nothing_any_more() -> None:
    mail = EmailMessage("Hello", "Text.", None, ["a@x.test"])
    mail.expires_at = timezone.now() + timedelta(minutes=7)  # type: ignore[attr-defined]
    assert send(mail).expires_at == mail.expires_at  # type: ignore[attr-defined]
