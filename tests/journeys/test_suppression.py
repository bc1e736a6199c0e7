"""A mail bounces, its recipient is suppressed and refused at the door, and lifted again."""

import re
import smtplib
import ssl
from collections.abc import Iterator

import pytest

from tests.journeys.console import Console
from tests.journeys.faulty_sink import running_faulty_sink
from tests.journeys.relaying import PATIENCE, ledger_of, relaying_stack
from tests.journeys.stack import Stack, free_ports
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

SENDER, PASSWORD = "bounces@example.com", "Aa12Bb34Cc56"
GONE = "r3@a.example"
"""The next hop does not know it."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_faulty_sink(free_ports(1)[0]) as sink, relaying_stack(sink) as stack:
        stack.manage("create_sender_address", SENDER, "--mail-type", "trigger")
        stack.manage("set_smtp_password", SENDER, "--password-stdin", typed=PASSWORD)
        yield stack
        ledger_of(stack)


def rcpt(stack: Stack) -> tuple[int, str]:
    """The reply to RCPT; with a yes the mail is sent, too."""
    context = ssl.create_default_context(cafile=str(stack.var_dir / "tls" / "cert.pem"))
    with smtplib.SMTP_SSL("localhost", stack.smtps_port, context=context, timeout=PATIENCE) as smtp:
        smtp.login(SENDER, PASSWORD)
        smtp.ehlo_or_helo_if_needed()
        smtp.mail(SENDER)
        code, text = smtp.rcpt(GONE)
        if code == 250:
            smtp.data(f"From: {SENDER}\r\nTo: {GONE}\r\nSubject: Hello\r\n\r\nHello.\r\n")
        return code, text.decode()


def test_a_bounce_suppresses_and_lifting_lets_mail_through(stack: Stack) -> None:
    assert rcpt(stack)[0] == 250
    console = Console(stack.web_url)
    console.log_in(stack.operator_email, stack.operator_password)
    row = wait_for(
        lambda: re.search(r'href="(/suppressions/\d+/)"', console.get("/suppressions/").text),
        seconds=PATIENCE,
        what="the suppression",
    )
    refused = wait_for(
        lambda: found if (found := rcpt(stack))[0] != 250 else None,
        seconds=PATIENCE,
        what="the refusal",
    )
    assert refused[0] == 550
    assert refused[1].startswith("5.1.1 No mail is sent to this address since ")
    assert "(550 5.1.1 No such user)" in refused[1]

    page = console.get(row[1]).text
    assert "550 5.1.1 No such user" in page
    mail = re.search(r'href="(/mail-log/[0-9A-Z]{16}/)"', page)
    assert mail
    assert "This recipient is now suppressed" in console.get(mail[1]).text

    lift = re.search(r'href="(/suppressions/lift/\?row=(\d+))"', page)
    assert lift
    done = console.submit(console.get(lift[1]), "/suppressions/lift/", row=lift[2], why="Mended.")
    assert "1 suppression is lifted." in done.text
    wait_for(lambda: rcpt(stack)[0] == 250, seconds=PATIENCE, what="mail is taken again")
