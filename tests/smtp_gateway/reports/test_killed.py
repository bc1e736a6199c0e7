"""A worker that is killed has reported, or has not; the next one makes the report once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from smtp_gateway.models import DeliveryReport, Message
from smtp_gateway.tasks import make_due_reports
from tests.senders.factories import make_verified_sender
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.relay.running import Queue, database_url
from tests.waiting import wait_for

QUEUE = f"reports-{os.getpid()}"


@contextmanager
def worker(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on the test's own database, with a queue of its own."""
    command = [sys.executable, "-m", "celery", "-A", "directmail", "worker", "--pool", "solo"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, "--queues", QUEUE, "--without-mingle", "--without-gossip"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": database_url()},
            stdout=file,
            stderr=file,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def bounce() -> None:
    make_verified_sender("app@example.com", reply_to="help@example.com")
    make_mail()
    attempt_all("bounced", reply="550 5.1.1 No such user")


def made() -> int:
    return Message.objects.filter(origin="system").count()


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        ((waiting,),) = cursor.fetchall()
    return bool(waiting)


def somebody_is_in_a_transaction() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
        )
        ((others,),) = cursor.fetchall()
    return bool(others)


async def test_killed_between_the_mail_and_the_note_of_it_a_worker_has_done_neither(
    database: Queue, tmp_path: Path
) -> None:
    def run_until_it_would_note_it() -> None:
        with transaction.atomic():
            # The worker accepts the mail, and waits to mark its report for as long as we hold it.
            list(DeliveryReport.objects.select_for_update())
            with worker(tmp_path / "log") as process:
                make_due_reports.apply_async(queue=QUEUE)
                wait_for(somebody_waits_for_us)
                process.send_signal(signal.SIGKILL)
                process.wait()

    await database.do(bounce)
    await database.do(run_until_it_would_note_it)
    await database.until(lambda: not somebody_is_in_a_transaction())
    assert await database.do(made) == 0
    assert await database.do(DeliveryReport.objects.filter(made_at=None).count) == 1
    for _ in range(2):
        await database.do(make_due_reports)
    assert await database.do(made) == 1


async def test_killed_after_its_work_a_worker_leaves_nothing_to_be_done_again(
    database: Queue, tmp_path: Path
) -> None:
    await database.do(bounce)
    with worker(tmp_path / "log") as process:
        await database.do(make_due_reports.apply_async, queue=QUEUE)
        await database.until(lambda: DeliveryReport.objects.exclude(made_at=None).exists(), 30)
        process.send_signal(signal.SIGKILL)
    # Its broker hands the task out again.
    await database.do(make_due_reports)
    assert await database.do(made) == 1
