"""Whatever a client says and however it is cut: the session stays in step, alive and truthful."""

import asyncio
import logging
import os
import ssl
from collections.abc import Iterator

import pytest
import uvloop
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from senders.models import SenderAddress
from tests.smtp_gateway.submission.fuzzing.machine import MadClient
from tests.smtp_gateway.submission.fuzzing.speaker import MAX_MESSAGE_BYTES, FaultLog, World
from tests.smtp_gateway.submission.talking import make_sender, run_gateway

_EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
# In the suite always the same examples, reported as they are found. `make fuzz` tries new ones, as
# many as FUZZ_EXAMPLES says, and takes its time to find the shortest that fails.
_AS_IN_THE_SUITE = settings(
    max_examples=80,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
)
_SEARCHING = settings(
    max_examples=int(_EXAMPLES or 1), stateful_step_count=40, deadline=None, print_blob=True
)


@pytest.fixture
def sender(transactional_db: None) -> SenderAddress:
    return make_sender()


@pytest.fixture
def world(sender: SenderAddress, tls_context: ssl.SSLContext) -> Iterator[World]:
    faults = FaultLog()
    logging.getLogger().addHandler(faults)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        running = run_gateway(tls_context)
        gateway = runner.run(running.__aenter__())
        gateway.configure(
            allow_plaintext_auth_on_loopback=True,
            max_message_bytes=MAX_MESSAGE_BYTES,
            max_recipients=5,
            # Sessions that end early are seen soon enough.
            max_errors=100,
            max_fruitless_commands=300,
            max_auth_failures_per_session=20,
            max_auth_failures_per_ip=1_000_000,
            max_auth_failures_per_user=1_000_000,
        )
        yield World(runner.get_loop(), gateway, faults)
        runner.run(running.__aexit__(None, None, None))
    logging.getLogger().removeHandler(faults)


def test_a_mad_client_gets_its_due_and_no_more(world: World) -> None:
    run_state_machine_as_test(
        lambda: MadClient(world), settings=_SEARCHING if _EXAMPLES else _AS_IN_THE_SUITE
    )
