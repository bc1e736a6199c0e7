"""Fixtures: a gateway of two workers for each test, with one sender address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from senders.models import SenderAddress
from tests.smtp_gateway.running.process import GatewayProcess, gateway_process
from tests.smtp_gateway.submission.talking import make_sender


@pytest.fixture
def sender(transactional_db: None) -> SenderAddress:
    return make_sender()


@pytest.fixture
def gateway(sender: SenderAddress, tmp_path: Path) -> Iterator[GatewayProcess]:
    with gateway_process(tmp_path) as running:
        yield running
