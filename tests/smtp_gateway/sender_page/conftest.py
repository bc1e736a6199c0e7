import pytest
from django.test import Client

from directmail.models import Operator


@pytest.fixture
def console(db: None, client: Client) -> Client:
    """A browser of somebody who may change everything."""
    operator = Operator.objects.create(email="operator@example.com", is_superuser=True)
    client.force_login(operator)
    return client
