"""An installation whose mail leaves with signed return paths, and that takes back what bounces."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.journeys.relaying import PATIENCE, TRIGGER, Tables, relaying_stack, tables_of
from tests.journeys.sink import Sink, TakenMail, running_sink
from tests.journeys.stack import Stack, free_ports
from tests.journeys.submitting import submission
from tests.waiting import wait_for

HOST = "bounces.example.com"
# As a check of its DNS records leaves it.
_DOMAIN = f"""
from datetime import timedelta
from django.utils import timezone
from senders.models import SenderDomain
now = timezone.now()
SenderDomain.objects.create(
    domain="example.com", ownership_token="x", state="verified", return_path_host="{HOST}",
    return_path_verified_at=now, created_at=now, verified_at=now,
    next_check_at=now + timedelta(days=30))
"""
_REPORT = """From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<{recipient}>: user unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{recipient}>: user unknown

--b--
"""


@dataclass(frozen=True)
class Running:
    """An installation that takes back what comes to its return paths."""

    stack: Stack
    sink: Sink
    inbound_port: int

    @property
    def tables(self) -> Tables:
        return tables_of(self.stack)

    def relayed(self, recipient: str) -> TakenMail:
        """One mail, as the next hop got it, once its outcome is recorded."""
        with submission(self.stack.smtp_port, recipient, [recipient]) as mail:
            mail.send()
        wait_for(lambda: self.tables.states(recipient) == {recipient: "relayed"}, seconds=PATIENCE)
        (taken,) = [each for each in self.sink.taken if recipient in each.recipients]
        return taken

    def bring(self, to: str, recipient: str) -> tuple[int, bytes]:
        """The reply to a bounce, or to its recipient where that is refused."""
        text = _REPORT.format(to=to, recipient=recipient).replace("\n", "\r\n")
        with smtplib.SMTP("127.0.0.1", self.inbound_port, timeout=60) as smtp:
            smtp.ehlo("mx.example.net")
            assert smtp.mail("")[0] == 250
            code, said = smtp.rcpt(to)
            return smtp.data(text) if code == 250 else (code, said)

    def came_back(self, recipient: str) -> list[tuple[str, bool, bool]]:
        """Kind, whether it counts, and whether it is a repetition, of what is read."""
        return self.tables.rows(  # type: ignore[return-value]
            "SELECT kind, is_counted, is_repeat FROM smtp_gateway_returnedmail"
            " WHERE recipient = %s AND processed_at IS NOT NULL ORDER BY id",
            recipient,
        )


@contextmanager
def taking_back() -> Iterator[Running]:
    """Relay and gateway know of the host already; they look for what changed every few seconds."""
    sink_port, inbound_port = free_ports(2)
    with (
        running_sink(sink_port) as sink,
        relaying_stack(sink, INBOUND_PORT=str(inbound_port)) as stack,
    ):
        done = stack.manage("shell", "-v", "0", "-c", _DOMAIN)
        assert done.returncode == 0, done.stderr
        running = Running(stack, sink, inbound_port)
        _wait_until_known(running)
        yield running


def _wait_until_known(running: Running) -> None:
    def has_return_path() -> bool:
        number = len(running.sink.taken)
        mail = running.relayed(f"warm-{number}@example.net")
        return mail.mail_from.endswith(f"@{HOST}")

    wait_for(has_return_path, seconds=PATIENCE, what="a signed return path")
    last = running.sink.taken[-1]
    wait_for(
        lambda: running.bring(last.mail_from, "warm@example.net")[0] == 250,
        seconds=PATIENCE,
        what="the gateway to know the host",
    )


def refusal_at_rcpt(running: Running, recipient: str) -> bool:
    with submission(running.stack.smtp_port, "again", [recipient]) as mail:
        assert mail.smtp.mail(TRIGGER)[0] == 250
        code, said = mail.smtp.rcpt(recipient)
    return code == 550 and said.startswith(b"5.1.1 No mail is sent to this address since")
