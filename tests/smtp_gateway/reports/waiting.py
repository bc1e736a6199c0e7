"""Waiting for what another process does, without a loop."""

import time
from collections.abc import Callable


def wait(condition: Callable[[], object], seconds: float = 30) -> None:
    """Looks until `condition` holds; AssertionError after a while."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
