"""Redis loses everything, or is away: mail is not lost and is hardly late, and tasks go on."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
import redis

from directmail import places
from tests.journeys.console import Console
from tests.journeys.faulty_sink import FaultySink, running_faulty_sink
from tests.journeys.relaying import PATIENCE, ledger_of, relaying_stack, tables_of
from tests.journeys.stack import Stack, free_ports
from tests.journeys.submitting import Submission, submission
from tests.journeys.verifying import ask_for_proof, link_mails
from tests.journeys.victims import kill
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

MAILS = 40
LONGEST_DELAY_SECONDS = 5.0
RETRY_SECONDS = 0.5


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Stack, FaultySink]]:
    with (
        running_faulty_sink(free_ports(1)[0]) as sink,
        relaying_stack(sink, TRIGGER_RETRY_FIRST_SECONDS=str(RETRY_SECONDS)) as stack,
    ):
        yield stack, sink
        ledger_of(stack)


@pytest.fixture
def stack(running: tuple[Stack, FaultySink]) -> Stack:
    return running[0]


@pytest.fixture
def sink(running: tuple[Stack, FaultySink]) -> FaultySink:
    return running[1]


def empty(stack: Stack) -> None:
    with redis.Redis.from_url(places.embedded_redis_url(stack.var_dir)) as client:
        client.flushall()


def submit(client: Submission, recipient: str) -> float:
    """When its 250 came."""
    client.another(recipient, [recipient]).send()
    return time.monotonic()


def arrived_at(sink: FaultySink, recipient: str) -> float:
    wait_for(lambda: sink.arrivals(recipient), seconds=PATIENCE, what=f"the mail to {recipient}")
    return next(mail.at for mail in sink.taken if recipient in mail.recipients)


def test_emptied_again_and_again_while_an_application_submits(
    stack: Stack, sink: FaultySink
) -> None:
    accepted = {}
    with submission(stack.smtp_port, "", []) as client:
        for number in range(1000, 1000 + 100 * MAILS, 100):
            recipient = f"r{number}@example.net"
            accepted[recipient] = submit(client, recipient)
            empty(stack)
    delays = [arrived_at(sink, recipient) - at for recipient, at in accepted.items()]
    assert max(delays) <= LONGEST_DELAY_SECONDS
    assert [sink.arrivals(recipient) for recipient in accepted] == [1] * MAILS


def test_emptied_while_mail_waits_for_its_next_attempt(stack: Stack, sink: FaultySink) -> None:
    greylisted = [f"r{number}@example.net" for number in range(10_005, 10_005 + 25 * MAILS, 25)]
    with submission(stack.smtp_port, "", []) as client:
        accepted = {recipient: submit(client, recipient) for recipient in greylisted}
        empty(stack)
    delays = [arrived_at(sink, recipient) - at for recipient, at in accepted.items()]
    # The wait is varied by a quarter.
    assert max(delays) <= 2 * RETRY_SECONDS + LONGEST_DELAY_SECONDS
    outcomes = [tables_of(stack).outcomes(recipient) for recipient in greylisted]
    assert outcomes == [["deferred", "relayed"]] * MAILS


def test_away_while_an_application_submits(stack: Stack, sink: FaultySink) -> None:
    recipients = [f"r{number}@example.net" for number in range(20_000, 21_000, 100)]
    with submission(stack.smtp_port, "", []) as client:
        pid = stack.pid("redis")
        os.kill(pid, signal.SIGSTOP)
        try:
            accepted = {recipient: submit(client, recipient) for recipient in recipients}
            delays = [arrived_at(sink, recipient) - at for recipient, at in accepted.items()]
        finally:
            os.kill(pid, signal.SIGCONT)
    assert max(delays) <= LONGEST_DELAY_SECONDS


def test_a_task_that_was_lost_with_it_is_made_up_for(stack: Stack, sink: FaultySink) -> None:
    console = Console(stack.web_url)
    console.log_in(stack.operator_email, stack.operator_password)
    worker, mailbox = stack.pid("worker"), "r30000@example.net"
    # So that it is lost whether it lies in Redis or on its way to the worker.
    os.kill(worker, signal.SIGSTOP)
    ask_for_proof(console, "lost-task@example.com", mailbox)
    empty(stack)
    is_back = kill(stack, "worker")
    wait_for(is_back, seconds=PATIENCE, what="a new worker")
    assert arrived_at(sink, mailbox)
    assert len(link_mails(tables_of(stack), mailbox)) == 1


def test_tasks_go_on_after_it_was_emptied(stack: Stack, sink: FaultySink) -> None:
    console = Console(stack.web_url)
    console.log_in(stack.operator_email, stack.operator_password)
    empty(stack)
    ask_for_proof(console, "after-it@example.com", "r30100@example.net")
    assert arrived_at(sink, "r30100@example.net")
