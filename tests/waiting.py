"""Waiting for what other processes do: a condition with a deadline instead of a sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], *, seconds: float = 20, what: str = "") -> T:
    """The first true result of `condition`; AssertionError when none came in time."""
    deadline = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.05)  # the pause between two looks, not a wait for a result
