"""What holds for every test."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from pytest_django.plugin import DjangoDbBlocker

# The real parameters cost 100 MiB and 0.3 s a password, and no test is about them.
Argon2PasswordHasher.time_cost = 1
Argon2PasswordHasher.memory_cost = 64
Argon2PasswordHasher.parallelism = 1


@pytest.fixture(autouse=True)
def no_counts_left(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Attempts are counted in the cache's table, which a test that commits does not empty."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        with django_db_blocker.unblock():
            cache.clear()
