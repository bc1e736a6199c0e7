import pytest
from django.test import Client

from tests.senders.factories import log_in


@pytest.fixture
def console(client: Client, db: None) -> Client:
    """A browser in which an operator is logged in."""
    return log_in(client)
