"""An application that submits one mail, step by step."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from tests.journeys.relaying import PASSWORD, PATIENCE, TRIGGER
from tests.waiting import wait_for

_SECONDS = 60


def unchecked_tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def mail_text(mark: str, sender: str) -> bytes:
    return f"From: {sender}\r\nX-Mark: {mark}\r\nSubject: {mark}\r\n\r\n{mark}\r\n".encode()


@dataclass(frozen=True)
class Submission:
    """A transaction under way."""

    smtp: smtplib.SMTP
    mark: str
    recipients: Sequence[str]

    def up_to_the_final_dot(self) -> None:
        assert self.smtp.mail(TRIGGER)[0] == 250
        for recipient in self.recipients:
            assert self.smtp.rcpt(recipient)[0] == 250
        assert self.smtp.docmd("DATA")[0] == 354
        self.smtp.send(mail_text(self.mark, TRIGGER))

    def another(self, mark: str, recipients: Sequence[str]) -> "Submission":
        """In the same session."""
        return Submission(self.smtp, mark, recipients)

    def send(self) -> None:
        """All of it. Fails where it gets no 250."""
        self.up_to_the_final_dot()
        self.final_dot()
        assert self.answer() == 250

    def final_dot(self) -> None:
        """As far as somebody is there to take it."""
        try:
            self.smtp.send(b".\r\n")
        except (OSError, smtplib.SMTPServerDisconnected):
            return

    def answer(self) -> int | None:
        """The code; None: the connection broke."""
        if self.smtp.sock is None:
            return None
        try:
            return self.smtp.getreply()[0]
        except (OSError, smtplib.SMTPServerDisconnected):
            return None


@contextmanager
def submission(port: int, mark: str, recipients: Sequence[str]) -> Iterator[Submission]:
    """In a session of its own, as soon as there is a gateway that has its database."""
    smtp = wait_for(lambda: logged_in(port), seconds=PATIENCE, what="a log-in")
    with closing(smtp):
        yield Submission(smtp, mark, recipients)


def logged_in(port: int, sender: str = TRIGGER) -> smtplib.SMTP | None:
    """A session over STARTTLS; None: there is none to be had now."""
    try:
        smtp = smtplib.SMTP("127.0.0.1", port, timeout=_SECONDS)
    except (OSError, smtplib.SMTPException):
        return None
    try:
        smtp.starttls(context=unchecked_tls())
        smtp.login(sender, PASSWORD)
    except (OSError, smtplib.SMTPException):
        smtp.close()
        return None
    return smtp
