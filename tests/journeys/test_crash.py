"""2,000 submissions while gateway and relay are killed in turn: what got a 250 arrives.

Duplicates may happen where a killed relay had a transaction under way; each has to be named by an
`uncertain` attempt in the mail log.
"""

import os
import signal
import smtplib
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import psycopg
import pytest

from directmail import places
from tests.journeys.sink import Sink, running_sink
from tests.journeys.stack import Stack, free_ports, running_stack
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

SENDER, PASSWORD = "load@example.com", "Aa12Bb34Cc56"
SUBMISSIONS, CLIENTS = 2000, 8
# After so many acknowledged mails the next of them is killed.
KILLS = {200: "gateway", 500: "relay", 900: "gateway", 1300: "relay", 1700: "gateway"}


@dataclass
class Load:
    """Clients that submit until enough mails are acknowledged, each try under a mark of its own."""

    port: int
    acknowledged: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    marks: Iterator[int] = field(default_factory=count)
    pause: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        clients = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        self.clients = clients

    def _client(self) -> None:
        while len(self.acknowledged) < SUBMISSIONS:
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as smtp:
                    smtp.starttls(context=_unchecked_tls())
                    smtp.login(SENDER, PASSWORD)
                    self._session(smtp)
            except (OSError, smtplib.SMTPException) as error:
                self.faults[type(error).__name__] += 1
                self.pause.wait(0.05)  # as a client that comes back, not one that storms

    def _session(self, smtp: smtplib.SMTP) -> None:
        while len(self.acknowledged) < SUBMISSIONS:
            mark = f"mark-{next(self.marks)}"
            content = f"From: {SENDER}\r\nX-Mark: {mark}\r\nSubject: crash\r\n\r\n{mark}\r\n"
            smtp.sendmail(SENDER, ["friend@example.net"], content.encode())
            self.acknowledged.append(mark)


def _unchecked_tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink(free_ports(1)[0]) as running:
        yield running


@pytest.fixture
def relaying_stack(sink: Sink) -> Iterator[Stack]:
    settings = {
        "RELAY_URL": f"smtp://127.0.0.1:{sink.port}",
        "ALLOW_UNVERIFIED_DOMAINS": "1",
        "TRIGGER_RETRY_FIRST_SECONDS": "0.5",
        "LOG_LEVEL": "WARNING",
    }
    with running_stack(**settings) as stack:
        created = stack.manage("create_sender_address", SENDER, "--mail-type", "trigger")
        assert created.returncode == 0, created.stderr
        done = stack.manage("set_smtp_password", SENDER, "--password-stdin", typed=PASSWORD)
        assert done.returncode == 0, done.stderr
        yield stack


def test_nothing_acknowledged_is_lost_and_every_duplicate_is_named(
    sink: Sink, relaying_stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    load = Load(relaying_stack.smtp_port)
    load.run()
    for acknowledged, name in KILLS.items():
        wait_for(
            lambda n=acknowledged: len(load.acknowledged) >= n,
            seconds=60,
            what=f"{acknowledged} mails",
        )
        victim = wait_for(lambda n=name: _living(relaying_stack, n), what=f"a {name} to kill")
        os.kill(victim, signal.SIGKILL)
        wait_for(
            lambda n=name, v=victim: _living(relaying_stack, n) not in (None, v),
            what=f"a new {name}",
        )
    for client in load.clients:
        client.join(60)
        assert not client.is_alive()

    wait_for(lambda: _unfinished(relaying_stack) == 0, seconds=60, what="an empty queue")
    arrived = Counter(mail.header(b"X-Mark").decode() for mail in sink.taken)
    lost = set(load.acknowledged) - set(arrived)
    duplicates = {mark for mark, times in arrived.items() if times > 1}
    unnamed = duplicates - _marks_named_uncertain(relaying_stack)
    record_property("acknowledged", len(load.acknowledged))
    record_property("duplicates", sorted(duplicates))

    assert len(load.acknowledged) >= SUBMISSIONS
    assert lost == set()
    assert unnamed == set()


def _living(stack: Stack, name: str) -> int | None:
    try:
        pid = stack.pid(name)
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def _unfinished(stack: Stack) -> int:
    ((number,),) = _rows(
        stack,
        "SELECT count(*) FROM smtp_gateway_delivery WHERE state IN ('queued', 'leased')",
    )
    return int(number)


def _marks_named_uncertain(stack: Stack) -> set[str]:
    rows = _rows(
        stack,
        "SELECT convert_from(body, 'UTF8') FROM smtp_gateway_messagecontent"
        " JOIN smtp_gateway_delivery USING (message_id)"
        " JOIN smtp_gateway_attempt ON delivery_id = smtp_gateway_delivery.id"
        " WHERE outcome = 'uncertain'",
    )
    return {body.partition("X-Mark: ")[2].split("\r\n")[0] for (body,) in rows}


def _rows(stack: Stack, query: str) -> list[tuple]:
    with psycopg.connect(places.embedded_database_url(stack.var_dir)) as connection:
        return connection.execute(query).fetchall()
