from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.senders.domains.dns import names_running
from tests.smtp_gateway.relay.internet.names import Names


@pytest.fixture
def names(settings: Settings) -> Iterator[Names]:
    """A DNS server that runs, and that checks ask."""
    with names_running() as running:
        settings.DNS_SERVERS = [running.server]
        # mail.directmail.test, what mail comes from by default
        running.add("mail.directmail.test A 192.0.2.10")
        yield running
