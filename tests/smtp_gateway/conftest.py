import pytest
from django.test import Client

from directmail.models import Operator


@pytest.fixture
def console(db: None, client: Client) -> Client:
    """An operator's browser."""
    client.force_login(Operator.objects.create(email="operator@example.com", role="admin"))
    return client
