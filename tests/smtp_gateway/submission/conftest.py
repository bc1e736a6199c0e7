"""Fixtures: the certificate once, a gateway and a sender address for each test that asks."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop
from django.utils import timezone

from senders.models import SenderAddress
from smtp_gateway.submission.certificate import ensure_self_signed, server_context
from tests.smtp_gateway.submission.talking import (
    Gateway,
    certificate_files,
    make_sender,
    run_gateway,
)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that `run_gateway` uses."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def tls_context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    files = certificate_files(tmp_path_factory.mktemp("tls"))
    ensure_self_signed(*files, hostname="mail.directmail.test", now=timezone.now())
    return server_context(*files)


@pytest.fixture
def sender(transactional_db: None) -> SenderAddress:
    return make_sender()


@pytest.fixture
async def gateway(sender: SenderAddress, tls_context: ssl.SSLContext) -> AsyncIterator[Gateway]:
    async with run_gateway(tls_context) as running:
        yield running
