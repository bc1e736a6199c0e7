import pytest
from django.test import Client
from django.utils import timezone

from directmail.models import Operator


@pytest.fixture
def console(db: None, client: Client) -> Client:
    """An operator's browser."""
    operator = Operator.objects.create(
        email="operator@example.com", role="admin", last_seen_at=timezone.now()
    )
    client.force_login(operator)
    return client
