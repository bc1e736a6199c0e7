"""PostgreSQL is stopped for a while: 451 and nothing else meanwhile, and then all goes on in the
processes that there were.
"""

import shutil
import smtplib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from directmail import places
from directmail.embedded import EmbeddedPostgres
from tests.journeys.console import Console
from tests.journeys.relaying import (
    BATCH,
    PASSWORD,
    PATIENCE,
    TRIGGER,
    ledger_of,
    relaying_stack,
    tables_of,
)
from tests.journeys.scenes import Scene
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack
from tests.journeys.submitting import logged_in, mail_text, unchecked_tls
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

AWAY_SECONDS = 15.0
"""docs/delivery.md says what was seen with 60."""
PARTS = ("web", "worker", "beat", "gateway", "relay", "redis")


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """One that `up` does not start again."""
    directory = Path(tempfile.mkdtemp(prefix="dm-away-"))
    directory.chmod(0o755)
    engine = EmbeddedPostgres(directory, {"max_connections": "100"})
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def running(postgres: EmbeddedPostgres, sink: Sink) -> Iterator[Stack]:
    with relaying_stack(
        sink,
        DATABASE_URL=places.embedded_database_url(postgres.var_dir),
        SECRET_KEY="k" * 50,
        RELAY_CONNECTIONS="1",
    ) as stack:
        yield stack


@dataclass
class Application:
    """Submits over and over, in the session that it has and in new ones."""

    port: int
    old: smtplib.SMTP
    codes: Counter[int] = field(default_factory=Counter)
    """Of everything that was refused."""

    def submit(self) -> bool:
        """In the old session."""
        return self._sends(self.old, TRIGGER, "old@example.net")

    def submit_anew(self, sender: str) -> bool:
        with closing(smtplib.SMTP("127.0.0.1", self.port, timeout=60)) as smtp:
            smtp.starttls(context=unchecked_tls())
            try:
                smtp.login(sender, PASSWORD)
            except smtplib.SMTPResponseException as error:
                self.codes[error.smtp_code] += 1
                return False
            return self._sends(smtp, sender, "new@example.net")

    def _sends(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> bool:
        for code, _ in self._replies(smtp, sender, recipient):
            if code >= 400:
                self.codes[code] += 1
                smtp.rset()
                return False
        return True

    def _replies(
        self, smtp: smtplib.SMTP, sender: str, recipient: str
    ) -> Iterator[tuple[int, bytes]]:
        yield smtp.mail(sender)
        yield smtp.rcpt(recipient)
        yield smtp.data(mail_text("away", sender))


def test_451_meanwhile_and_everything_goes_on(
    postgres: EmbeddedPostgres, running: Stack, sink: Sink
) -> None:
    console = Console(running.web_url)
    console.log_in(running.operator_email, running.operator_password)
    before = pids(running)
    in_hand, behind = Scene(running, sink), Scene(running, sink)
    with ExitStack() as cleaning:
        old = wait_for(lambda: logged_in(running.smtp_port), what="a log-in")
        application = Application(running.smtp_port, cleaning.enter_context(closing(old)))
        with sink.holding("taken", in_hand.mark) as hold:
            in_hand.submit()
            assert hold.reached.wait(PATIENCE)
            behind.submit()
            postgres.stop()
        assert_refused_for_now(application, console)
        postgres.start()
        for submit in (application.submit, lambda: application.submit_anew(BATCH)):
            wait_for(submit, seconds=PATIENCE, what="a 250")
    assert {*application.codes} == {451}
    for mail in (in_hand, behind):
        mail.settle()
        assert mail.arrivals() == [1, 1]
    tables = tables_of(running)
    tables.empty(seconds=PATIENCE)
    assert [sink.arrivals(f"{session}@example.net") for session in ("old", "new")] == [1, 1]
    wait_for(lambda: console.get("/mail-log/").status == 200, seconds=PATIENCE, what="the console")
    assert pids(running) == before
    assert ledger_of(running)["accepted"] == 6


def assert_refused_for_now(application: Application, console: Console) -> None:
    """For AWAY_SECONDS."""
    until = time.monotonic() + AWAY_SECONDS
    rounds = 0
    while time.monotonic() < until:
        assert not application.submit()
        assert not application.submit_anew(TRIGGER)
        assert not application.submit_anew(BATCH)
        page = console.get("/mail-log/")
        assert page.status == 503
        assert "The database does not answer" in page.text
        rounds += 1
    assert rounds > 1


def pids(stack: Stack) -> dict[str, set[int]]:
    """Of every part, with what it started."""
    return {
        name: {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))}
        for name in PARTS
        if (pid := _pid(stack, name))
    }


def _pid(stack: Stack, name: str) -> int:
    try:
        return stack.pid(name)
    except OSError:
        return 0
