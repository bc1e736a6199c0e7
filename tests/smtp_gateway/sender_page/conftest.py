import pytest
from django.test import Client

from tests.senders.factories import log_in


@pytest.fixture
def console(db: None, client: Client) -> Client:
    """A browser of somebody who may change everything."""
    return log_in(client)
