"""`lift_log_in_lock`: an operator ends a lock-out, counted in a real Redis."""

import asyncio
import io
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from senders.models import AuditEntry
from smtp_gateway.submission.failures import Attempt, Standing
from smtp_gateway.submission.networks import place_of
from smtp_gateway.submission.shared_failures import SharedFailures

# The audit log tells of it.
pytestmark = pytest.mark.django_db
WINDOW = 600.0
R = TypeVar("R")


def _redis(work: Callable[[SharedFailures], Awaitable[R]]) -> R:
    async def run() -> R:
        shared = SharedFailures(settings.REDIS_URL, home_seconds=WINDOW)
        try:
            return await work(shared)
        finally:
            await shared.close()

    return asyncio.run(run())


def fail(attempt: Attempt) -> None:
    now = time.time()
    _redis(lambda shared: shared.note_failure(attempt, now, WINDOW))


def standing(attempt: Attempt) -> Standing:
    now = time.time()
    return _redis(lambda shared: shared.standing(attempt, now, WINDOW))


def lift(subject: str) -> str:
    out = io.StringIO()
    call_command("lift_log_in_lock", subject, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def name() -> str:
    """Of nobody else: what other tests count stays theirs."""
    return f"app-{secrets.token_hex(8)}*[x]@shop.example"


def test_a_user_name_is_free_again_from_everywhere_and_nobody_else_is(name: str) -> None:
    here, there = Attempt(name, "192.0.2.71"), Attempt(name, "198.51.100.71")
    other = Attempt(f"x{name}", here.place)
    for attempt in (here, there, other):
        fail(attempt)
    assert standing(here) == Standing(of_user=2, of_pair=1, of_place=2)
    assert lift(f" {name.upper()} ") == f"Failed log-ins of {name} count no more."
    assert standing(here) == Standing(of_place=2)
    assert standing(there) == Standing(of_place=1)
    assert standing(other) == Standing(of_user=1, of_pair=1, of_place=2)
    for place in (here.place, there.place):
        lift(place)
    assert lift(name) == f"No failed log-in of {name} is counted."
    told = AuditEntry.objects.values_list("action", "object_label")
    assert ("log_in_lock.lifted", name) in told


@pytest.mark.parametrize(
    ("given", "ip", "place"),
    [
        ("192.0.2.72", "192.0.2.72", "192.0.2.72"),
        ("::ffff:192.0.2.73", "192.0.2.73", "192.0.2.73"),
        ("2001:db8:7:2::9", "2001:db8:7:2::1", "2001:db8:7:2::/64"),
        ("2001:db8:7:3::/64", "2001:db8:7:3::1", "2001:db8:7:3::/64"),
    ],
)
def test_an_ip_is_free_again_whatever_user_names_were_tried(
    name: str, given: str, ip: str, place: str
) -> None:
    attempt = Attempt(name, place_of(ip, ()).network)
    fail(attempt)
    assert lift(given) == f"Failed log-ins of {place} count no more."
    assert standing(attempt) == Standing(of_user=1)
    assert lift(given) == f"No failed log-in of {place} is counted."


@pytest.mark.parametrize("text", ["app", "192.0.2.0/24", "192.0.2.7/64", "2001:db8::1/64", ""])
def test_what_is_neither_is_told(text: str) -> None:
    with pytest.raises(CommandError, match="neither a mail address nor an IP address"):
        lift(text)


def test_a_redis_that_is_away_is_told(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(CommandError, match=r"Redis does not answer .*REDIS_URL"):
        lift("app@shop.example")
