"""Running installations that several journeys share."""

from collections.abc import Iterator

import pytest

from tests.journeys.relaying import ledger_of, relaying_stack
from tests.journeys.scenes import Scene
from tests.journeys.sink import Sink, running_sink
from tests.journeys.stack import Stack, free_ports, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink(free_ports(1)[0]) as running:
        yield running


@pytest.fixture(scope="module")
def killing_ground() -> Iterator[tuple[Stack, Sink]]:
    """One worker of the gateway and one connection of the relay, so that each moment is exact.

    At the end the ledger holds, whatever was killed.
    """
    with (
        running_sink(free_ports(1)[0]) as sink,
        relaying_stack(sink, GATEWAY_PROCESSES="1", RELAY_CONNECTIONS="1") as stack,
    ):
        yield stack, sink
        ledger_of(stack)


@pytest.fixture
def scene(killing_ground: tuple[Stack, Sink]) -> Iterator[Scene]:
    scene = Scene(*killing_ground)
    yield scene
    scene.recover()
