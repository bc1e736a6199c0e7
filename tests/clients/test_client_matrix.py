"""Each client, on both ports, by each mechanism: what it sent stands in the queue, to the byte."""

import smtplib
import socket
from base64 import b64encode
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8, default

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from tests.clients.mails import KINDS, SENDER, make_mail
from tests.clients.stored import as_submitted, queued, recipients_of, the_only
from tests.clients.submitting import (
    CLIENTS,
    NEEDS_CURL,
    NEEDS_NODEMAILER,
    Account,
    Client,
    by_curl,
    nodemailer,
    open_smtplib,
)
from tests.smtp_gateway.submission.talking import as_data, plain

pytestmark = [pytest.mark.django_db]
every_client = pytest.mark.parametrize("client", CLIENTS)


@every_client
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("implicit_tls", [False, True], ids=["STARTTLS", "implicit TLS"])
def test_every_kind_of_mail_arrives_to_the_byte(
    account: Account, client: Client, mechanism: str, implicit_tls: bool
) -> None:
    # Five megabytes once by each mechanism and on each port are enough.
    has_large = implicit_tls == (mechanism == "LOGIN")
    mails = [make_mail(kind) for kind in KINDS if has_large or kind != "large"]
    answers = client(replace(account, mechanism=mechanism, implicit_tls=implicit_tls), mails)
    for mail, answer in zip(mails, answers, strict=True):
        assert answer.is_sent, f"{mail.kind}: {answer.said}"
        message = the_only(mail)
        assert as_submitted(message) == mail.content, mail.kind
        assert recipients_of(message) == ["ann@home.example"]
        assert message.tls.startswith("TLSv1.3 ")


@every_client
def test_the_most_recipients_that_a_mail_may_have(account: Account, client: Client) -> None:
    mail = make_mail()
    recipients = sorted(f"friend-{number}@home.example" for number in range(100))
    (answer,) = client(replace(account, recipients=recipients), [mail])
    assert answer.is_sent, answer.said
    assert recipients_of(the_only(mail)) == recipients


@every_client
def test_a_wrong_password_is_a_failure_that_the_client_names(
    account: Account, client: Client
) -> None:
    mail = make_mail()
    (answer,) = client(replace(account, password="Wrong12Pass"), [mail])
    assert not answer.is_sent
    assert "535" in answer.said
    assert queued(mail.message_id) == []


@every_client
def test_a_mail_from_somebody_else_is_a_failure_that_the_client_names(
    account: Account, client: Client
) -> None:
    mail = make_mail()
    forged = replace(mail, content=mail.content.replace(b"<matrix@", b"<boss@"))
    (answer,) = client(account, [forged])
    assert not answer.is_sent
    assert "550 5.7.1" in answer.said.replace("550, b'5.7.1", "550 5.7.1")
    assert queued(mail.message_id) == []


# --- What single clients have of their own --------------------------------------------------------


def test_smtplib_learns_which_recipients_were_too_many(account: Account) -> None:
    mail = make_mail()
    recipients = sorted(f"friend-{number}@home.example" for number in range(102))
    with open_smtplib(account) as smtp:
        refused = smtp.sendmail(SENDER, recipients, mail.content)
    assert {code for code, _ in refused.values()} == {452}
    assert sorted(refused) == recipients[100:]
    assert recipients_of(the_only(mail)) == recipients[:100]


def test_smtplib_names_the_limit_when_a_mail_is_too_large(account: Account) -> None:
    mail = make_mail()
    with open_smtplib(account) as smtp, pytest.raises(smtplib.SMTPSenderRefused) as refusal:
        smtp.sendmail(SENDER, ["ann@home.example"], mail.content + b"x" * 15_728_640)
    assert refusal.value.smtp_code == 552
    assert b"5.3.4 Message too large; the limit is 15728640 bytes" in refusal.value.smtp_error


def test_smtplib_sends_to_an_address_with_umlauts(account: Account) -> None:
    mail = EmailMessage(policy=SMTPUTF8)
    mail["From"], mail["To"] = SENDER, "grüße@home.example"
    mail["Message-ID"], mail["Subject"] = make_mail().message_id, "Grüße"
    mail.set_content("Schöne Grüße")
    with open_smtplib(account) as smtp:
        assert smtp.send_message(mail) == {}
    (message,) = queued(mail["Message-ID"])
    assert recipients_of(message) == ["grüße@home.example"]
    assert (message.needs_smtputf8, message.subject) == (True, "Grüße")


@NEEDS_CURL
def test_curl_sends_to_an_address_with_umlauts(account: Account) -> None:
    mail = make_mail()
    (answer,) = by_curl(replace(account, recipients=["grüße@home.example"]), [mail])
    assert answer.is_sent, answer.said
    assert recipients_of(the_only(mail)) == ["grüße@home.example"]


@NEEDS_NODEMAILER
def test_nodemailer_composes_and_sends(account: Account) -> None:
    message_id = make_mail().message_id
    attachment = bytes(range(256)) * 4096
    composed = {
        "from": {"name": "Müller, \"Shop\"", "address": SENDER},
        "to": "grüße@home.example", "bcc": "hidden@home.example",
        "messageId": message_id, "subject": "Ihre Bestellung \U0001f4e6",
        "text": ".\nSchöne Grüße", "html": "<p>Schöne Grüße</p>",
        "attachments": [{
            "filename": "Rechnung.bin", "encoding": "base64",
            "content": b64encode(attachment).decode(),
        }],
    }  # fmt: skip
    (answer,) = nodemailer(account, [composed])
    assert answer.is_sent, answer.said
    (message,) = queued(message_id)
    assert recipients_of(message) == ["grüße@home.example", "hidden@home.example"]
    assert message.subject == composed["subject"]
    mail = message_from_bytes(bytes(message.content.body), policy=default)
    (part,) = mail.iter_attachments()
    assert part.get_content() == attachment
    assert mail.get_body(("plain",)).get_content().splitlines() == [".", "Schöne Grüße"]
    assert b"hidden@" not in bytes(message.content.body)


@pytest.mark.parametrize("implicit_tls", [False, True], ids=["STARTTLS", "implicit TLS"])
def test_django_sends_by_its_own_settings(
    account: Account, monkeypatch: pytest.MonkeyPatch, implicit_tls: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(account.ca_file))
    account = replace(account, implicit_tls=implicit_tls)
    backend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="localhost", port=account.port,
        username=account.user, password=account.password, use_tls=not implicit_tls,
        use_ssl=implicit_tls,
    )  # fmt: skip
    message_ids = [make_mail().message_id for _ in range(2)]
    mails = [
        EmailMultiAlternatives(
            "Grüße", "Schöne Grüße", f"Müller <{SENDER}>", ["ann@home.example"],
            ["hidden@home.example"], headers={"Message-ID": message_id},
            alternatives=[("<p>Schöne Grüße</p>", "text/html")],
        )
        for message_id in message_ids
    ]  # fmt: skip
    assert backend.send_messages(mails) == 2
    for message_id in message_ids:
        (message,) = queued(message_id)
        assert recipients_of(message) == ["ann@home.example", "hidden@home.example"]
        assert b"hidden@" not in bytes(message.content.body)


def test_a_client_that_waits_for_nothing_but_what_it_must(account: Account) -> None:
    """Two round trips after the greeting for three mails (RFC 2920): up to DATA, and the rest."""
    mails = [make_mail(kind) for kind in ("plain", "dots", "long line")]
    envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<ann@home.example>\r\nDATA\r\n".encode()
    log_in = f"EHLO c\r\nAUTH PLAIN {plain(account.user, account.password)}\r\n".encode()
    address = ("localhost", account.implicit_tls_port)
    with (
        socket.create_connection(address, 20) as plain_socket,
        account.trust.wrap_socket(plain_socket, server_hostname="localhost") as secure,
        secure.makefile("rb") as replies,
    ):
        assert replies.readline().startswith(b"220 ")
        secure.sendall(log_in + envelope)
        while not (line := replies.readline()).startswith(b"354 "):
            assert line[:1] == b"2", line
        secure.sendall(envelope.join(as_data(mail.content) for mail in mails) + b"QUIT\r\n")
        codes = [line[:3] for line in replies]
    assert codes == [b"250", b"250", b"250", b"354"] * 2 + [b"250", b"221"]
    for mail in mails:
        assert as_submitted(the_only(mail)) == mail.content
