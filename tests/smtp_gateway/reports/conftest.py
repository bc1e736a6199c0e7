import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping

import pytest
import uvloop
from django.utils import timezone

from smtp_gateway.submission.certificate import ensure_self_signed, server_context
from tests.smtp_gateway.relay.running import Queue
from tests.smtp_gateway.submission.talking import certificate_files


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of gateway and relay."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def tls_context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    files = certificate_files(tmp_path_factory.mktemp("tls"))
    ensure_self_signed(*files, hostname="mail.directmail.test", now=timezone.now())
    return server_context(*files)


@pytest.fixture
def database(transactional_db: None) -> Iterator[Queue]:
    """The queue, committed for real, so that other processes see it."""
    database = Queue()
    yield database
    database.bridge.close()
