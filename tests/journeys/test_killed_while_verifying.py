"""Celery's worker is killed with a verification mail in hand: the mail comes, once."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.journeys.console import Console
from tests.journeys.holding import inserts_held
from tests.journeys.relaying import PATIENCE, ledger_of, relaying_stack, tables_of
from tests.journeys.sink import Sink, running_sink
from tests.journeys.stack import Stack, free_ports
from tests.journeys.verifying import ask_for_proof, link_mails, mail_state
from tests.journeys.victims import kill, kill_backend
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Stack, Sink]]:
    with running_sink(free_ports(1)[0]) as sink, relaying_stack(sink) as stack:
        yield stack, sink
        ledger_of(stack)


@pytest.fixture
def console(running: tuple[Stack, Sink]) -> Console:
    stack, _ = running
    console = Console(stack.web_url)
    assert console.log_in(stack.operator_email, stack.operator_password).status == 200
    return console


@pytest.mark.parametrize("who", ["worker", "backend"])
def test_before_the_commit(running: tuple[Stack, Sink], console: Console, who: str) -> None:
    stack, sink = running
    tables, mailbox = tables_of(stack), f"before-{who}@example.net"
    with inserts_held(tables) as held:
        ask_for_proof(console, f"before-{who}@example.com", mailbox)
        statement = held.statement()
        is_back = kill(stack, who) if who == "worker" else kill_backend(tables, statement)
    wait_for(is_back, seconds=PATIENCE, what=f"a new {who}")
    assert_one_mail(tables, sink, mailbox)


def test_after_the_commit_and_before_the_task_is_acknowledged(
    running: tuple[Stack, Sink], console: Console
) -> None:
    stack, sink = running
    tables, mailbox = tables_of(stack), "after@example.net"
    broker = stack.pid("redis")
    try:
        with inserts_held(tables) as held:
            ask_for_proof(console, "after@example.com", mailbox)
            held.statement()
            os.kill(broker, signal.SIGSTOP)
        wait_for(lambda: mail_state(tables, mailbox), seconds=PATIENCE)
        is_back = kill(stack, "worker")
    finally:
        os.kill(broker, signal.SIGCONT)
    wait_for(is_back, seconds=PATIENCE, what="a new worker")
    assert_one_mail(tables, sink, mailbox)


def assert_one_mail(tables, sink: Sink, mailbox: str) -> None:
    wait_for(lambda: sink.arrivals(mailbox), seconds=PATIENCE, what=f"the mail to {mailbox}")
    assert len(link_mails(tables, mailbox)) == 1
    assert sink.arrivals(mailbox) == 1
