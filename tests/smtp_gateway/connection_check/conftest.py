from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from senders.models import SenderAddress
from smtp_gateway.submission.certificate import ensure_self_signed, server_context
from tests.senders.factories import log_in
from tests.smtp_gateway.connection_check.gateway_thread import served
from tests.smtp_gateway.submission.talking import Gateway, certificate_files, make_sender

HOST = "mail.directmail.test"


@pytest.fixture
def console(transactional_db: None, client: Client) -> Client:
    """A browser of somebody who may change everything."""
    return log_in(client)


@pytest.fixture
def sender(transactional_db: None) -> SenderAddress:
    return make_sender()


@pytest.fixture
def gateway(sender: SenderAddress, settings: Settings, tmp_path: Path) -> Iterator[Gateway]:
    """The gateway that the console is told of."""
    certificate, key = certificate_files(tmp_path)
    ensure_self_signed(certificate, key, hostname=HOST, now=timezone.now())
    settings.TLS_CERT_FILE = str(certificate)
    settings.SMTP_CLIENT_HOST, settings.SMTP_CHECK_HOST = HOST, "127.0.0.1"
    with served(server_context(certificate, key)) as running:
        settings.SMTP_PORT, settings.SMTPS_PORT = running.server.ports
        yield running
