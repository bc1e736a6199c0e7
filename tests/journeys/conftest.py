"""One running installation for all journeys that only need a fresh one."""

from collections.abc import Iterator

import pytest

from tests.journeys.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running
