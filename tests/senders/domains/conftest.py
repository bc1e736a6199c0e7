from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from tests.senders.domains.dns import names_running
from tests.senders.factories import log_in
from tests.smtp_gateway.relay.internet.names import Names


@pytest.fixture
def names(settings: Settings) -> Iterator[Names]:
    """A DNS server that runs, and that checks ask."""
    with names_running() as running:
        settings.DNS_SERVERS = [running.server]
        settings.SIGN_RETURN_PATHS = True
        # mail.directmail.test, what mail comes from by default
        running.add("mail.directmail.test A 192.0.2.10")
        yield running


@pytest.fixture
def viewer(client: Client, db: None) -> Client:
    return log_in(client, "viewer")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the worker was asked to check; it runs in no test of pages."""
    asked: list[int] = []
    monkeypatch.setattr("senders.domains.tasks.check_domain.delay", asked.append)
    return asked
