"""Applications that submit as fast as they can, and come back when they are cut off."""

import smtplib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count

from tests.journeys.relaying import BATCH, TRIGGER
from tests.journeys.submitting import logged_in, mail_text

CLIENTS = 8


@dataclass(frozen=True)
class Acknowledged:
    """A mail that got a 250."""

    mark: str
    recipients: tuple[str, ...]


@dataclass
class Load:
    """Trigger and batch mail to one recipient, two and three, each try under a mark of its own."""

    port: int
    mails: int
    acknowledged: list[Acknowledged] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    """Codes of those that were refused; 0: the connection broke."""
    numbers: Iterator[int] = field(default_factory=count)
    pause: threading.Event = field(default_factory=threading.Event)
    clients: list[threading.Thread] = field(default_factory=list)

    def run(self) -> None:
        senders = [TRIGGER, BATCH] * (CLIENTS // 2)
        self.clients = [threading.Thread(target=self._client, args=[each]) for each in senders]
        for client in self.clients:
            client.start()

    def join(self, seconds: float) -> None:
        for client in self.clients:
            client.join(seconds)
            assert not client.is_alive()

    @property
    def is_over(self) -> bool:
        return len(self.acknowledged) >= self.mails

    def _client(self, sender: str) -> None:
        while not self.is_over:
            smtp = logged_in(self.port, sender)
            if smtp is not None:
                with closing(smtp):
                    self._session(smtp, sender)
            if not self.is_over:
                self.pause.wait(0.05)  # as a client that comes back, not one that storms

    def _session(self, smtp: smtplib.SMTP, sender: str) -> None:
        while not self.is_over:
            number = next(self.numbers)
            mail = Acknowledged(f"mark-{number}", recipients_of(number))
            try:
                smtp.sendmail(sender, mail.recipients, mail_text(mail.mark, sender))
            except smtplib.SMTPResponseException as error:
                self.answers[error.smtp_code] += 1
                return
            except (OSError, smtplib.SMTPException):
                self.answers[0] += 1
                return
            self.acknowledged.append(mail)


def recipients_of(number: int) -> tuple[str, ...]:
    """One to three, all of them different."""
    return tuple(f"r{3 * number + each}@example.net" for each in range(1 + number % 3))
