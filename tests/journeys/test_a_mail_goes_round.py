"""The whole circle over real processes: console, Celery, gateway with TLS, relay, local mailbox."""

import re
import smtplib
import ssl
from dataclasses import dataclass

import pytest

from tests.journeys.console import Console
from tests.journeys.stack import Stack
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

PASSWORD = "Aa12Bb34Cc56"
SENDER = "news@example.com"
REPLY_TO = "support@example.org"
# What a careless gateway would touch: dots, trailing blanks, tabs, 8-bit text, long lines.
SUBMITTED = (
    b"From: =?utf-8?q?N=C3=A4chrichten?= <news@example.com>\r\n"
    b"To: friend@example.net\r\n"
    b"Subject: Hello\r\n"
    b"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
    b"Message-ID: <journey@example.com>\r\n"
    b"X-Folded: one\r\n\ttwo \r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n"
    b"\r\n"
    b".a dot first\r\n..two\r\n \t trailing  \r\n"
    + "grüße\r\n".encode()
    + b"x" * 5000
    + b"\r\n\r\n.\r\n"[:-3]
    + b"the end"
    + b"\r\n"
)


@dataclass
class Installation:
    """A running DirectMail with an operator at its console."""

    stack: Stack
    console: Console

    def caught(self, text: str) -> str | None:
        """The queue id of the newest mail in the local mailbox that a search for `text` finds."""
        page = self.console.get(f"/mailbox/?q={text}").text
        found = re.search(r"/mailbox/([0-9A-Z]{16})/", page)
        return found.group(1) if found else None

    def source(self, queue_id: str) -> bytes:
        return self.console.get(f"/mailbox/{queue_id}/source/").body

    def sender_row(self) -> int:
        page = self.console.get(f"/sender-addresses/?q={SENDER}").text
        found = re.search(r"/sender-addresses/(\d+)/", page)
        assert found, page
        return int(found.group(1))


@pytest.fixture(scope="module")
def installation(stack: Stack) -> Installation:
    console = Console(stack.web_url)
    assert "Overview" in console.log_in(stack.operator_email, stack.operator_password).text
    return Installation(stack, console)


def submit(stack: Stack, content: bytes, recipients: list[str]) -> str:
    """Submits over STARTTLS with the certificate checked; returns the queue id of the 250."""
    context = ssl.create_default_context(cafile=str(stack.var_dir / "tls" / "cert.pem"))
    with smtplib.SMTP("localhost", stack.smtp_port, timeout=20) as smtp:
        smtp.starttls(context=context)
        smtp.login(SENDER, PASSWORD)
        smtp.mail(SENDER, ["BODY=8BITMIME"])
        for recipient in recipients:
            assert smtp.rcpt(recipient)[0] == 250
        code, reply = smtp.data(content)
    assert code == 250, reply
    found = re.fullmatch(rb"2\.0\.0 Ok: queued as ([0-9A-Z]{16})", reply)
    assert found, reply
    return found.group(1).decode()


def test_create_verify_set_password_submit_and_read(installation: Installation) -> None:
    console, stack = installation.console, installation.stack

    console.post(
        "/sender-addresses/create/", address="News@Example.com", mail_type="trigger",
        reply_to=REPLY_TO,
    )  # fmt: skip
    pk = installation.sender_row()
    assert "Not verified" in console.get("/sender-addresses/").text

    # The reply-to is proven by its owner, who has no account.
    console.post(f"/sender-addresses/{pk}/reply-to/verify/")
    queue_id = wait_for(lambda: installation.caught(REPLY_TO), what="the verification mail")
    link = re.search(rb"http://[^\s\"<>=]+/verify/[^\s\"<>]+", installation.source(queue_id))
    assert link, installation.source(queue_id)
    owner, path = Console(stack.web_url), "/verify/" + link.group().decode().split("/verify/")[1]
    shown = owner.get(path)
    assert SENDER in shown.text
    assert REPLY_TO in shown.text
    assert "Mail sent" in console.get("/sender-addresses/").text, "looking at the page proved it"
    assert owner.post(path).status == 200
    assert owner.get(path).status == 410, "the link works once"
    row = console.get("/sender-addresses/").text
    assert "Verified" in row

    console.post(f"/sender-addresses/{pk}/smtp-password/", password=PASSWORD)
    queue_id = submit(stack, SUBMITTED, ["Friend@Example.net", "hidden@example.net"])

    wait_for(lambda: installation.caught(queue_id) or installation.caught("Hello"))
    wait_for(lambda: console.get(f"/mailbox/{queue_id}/").status == 200, what="the submitted mail")
    source = installation.source(queue_id)
    added, body = source[: -len(SUBMITTED)], source[-len(SUBMITTED) :]
    assert body == SUBMITTED
    assert re.fullmatch(rb"(Received: [^\r\n]+\r\n([ \t][^\r\n]+\r\n)*)", added), added
    assert b"reply-to" not in source.lower()

    page = console.get(f"/mailbox/{queue_id}/").text
    assert "Friend@Example.net" in page
    assert "hidden@example.net" in page
    log = console.get(f"/mail-log/{queue_id}/").text
    assert "127.0.0.1" in log
    assert "TLSv1.3" in log
    assert SENDER in log
    assert "Kept here" in log

    # A mail composed by the console carries the reply-to, because it is proven.
    console.post(
        f"/sender-addresses/{pk}/test-mail/", recipient="tester@example.net",
        subject="From the console", text="It works.",
    )  # fmt: skip
    queue_id = wait_for(lambda: installation.caught("tester@example.net"), what="the test mail")
    assert re.search(rb"(?mi)^Reply-To: support@example\.org\r$", installation.source(queue_id))
