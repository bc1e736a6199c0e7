"""A certificate, the loop that the gateway uses, and a door that is open."""

import ssl
from collections.abc import AsyncIterator

import pytest

from tests.smtp_gateway.inbound.speaking import Inbound, running_inbound
from tests.smtp_gateway.submission.conftest import pytest_asyncio_loop_factories, tls_context

__all__ = ["inbound", "pytest_asyncio_loop_factories", "tls_context"]


@pytest.fixture
async def inbound(transactional_db: None, tls_context: ssl.SSLContext) -> AsyncIterator[Inbound]:
    async with running_inbound(tls_context) as running:
        yield running
