"""Where the main tasks happen: an installation, and a next hop that refuses some mail."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from tests.journeys.stack import Stack, free_ports, running_stack
from tests.journeys.submitting import unchecked_tls
from tests.showcase.furnishing import mailed_link
from tests.showcase.next_hop import NextHop, running_next_hop
from tests.waiting import wait_for

SECONDS = 60


@dataclass(frozen=True)
class World:
    """`next_hop.mended` are recipients that it refuses no more."""

    stack: Stack
    next_hop: NextHop

    def mailed_link(self, recipient: str) -> str:
        """The path of the link in the mail that DirectMail sends them."""
        return wait_for(
            lambda: mailed_link(self.next_hop, recipient),
            seconds=SECONDS,
            what=f"a mail to {recipient}",
        )

    def has_arrived(self, recipient: str) -> None:
        wait_for(
            lambda: self.next_hop.arrivals(recipient), seconds=SECONDS, what=f"mail to {recipient}"
        )


@contextmanager
def running_world() -> Iterator[World]:
    (port,) = free_ports(1)
    settings = {
        "RELAY_URL": f"smtp://127.0.0.1:{port}",
        "SMTP_CHECK_HOST": "127.0.0.1",
        "ALLOW_UNVERIFIED_DOMAINS": "1",
        "LOG_LEVEL": "WARNING",
    }
    with running_next_hop(port) as next_hop, running_stack(**settings) as stack:
        yield World(stack, next_hop)


def submit(stack: Stack, sender: str, password: str, recipient: str, subject: str) -> None:
    """As an application does. Raises SMTPAuthenticationError where the password does not work."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail.set_content("Hello.\n")
    with smtplib.SMTP("127.0.0.1", stack.smtp_port, timeout=SECONDS) as smtp:
        smtp.starttls(context=unchecked_tls())
        smtp.login(sender, password)
        smtp.send_message(mail)


def is_refused(stack: Stack, sender: str, password: str) -> bool:
    with smtplib.SMTP("127.0.0.1", stack.smtp_port, timeout=SECONDS) as smtp:
        smtp.starttls(context=unchecked_tls())
        try:
            smtp.login(sender, password)
        except smtplib.SMTPAuthenticationError:
            return True
    return False
