from collections.abc import AsyncIterator

import pytest

from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.internet.names import Names


@pytest.fixture
async def names() -> AsyncIterator[Names]:
    """A DNS server that runs."""
    async with Names().running() as running:
        yield running


@pytest.fixture
async def internet() -> AsyncIterator[Internet]:
    """A small internet that runs."""
    async with Internet().running() as running:
        yield running
