"""How many wrong passwords may be tried: counted in a real Redis, and without it in memory."""

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from directmail import places
from directmail.embedded import EmbeddedRedis
from smtp_gateway.submission import log_in_budget as budgets
from smtp_gateway.submission import replies
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.failures import Attempt, FailureMemory
from smtp_gateway.submission.log_in_budget import LogInBudget
from smtp_gateway.submission.shared_failures import SharedFailures

CONFIG = Config(
    hostname="h",
    max_message_bytes=1,
    max_recipients=1,
    max_auth_failures_per_user=3,
    max_auth_failures_per_ip=5,
    auth_failure_window=timedelta(seconds=100),
)
APP = Attempt("app@shop.example", "192.0.2.7")
ELSEWHERE = dataclasses.replace(APP, place="198.51.100.1")


class _Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class _Redis:
    """A Redis of the test's own, that can be away."""

    def __init__(self, directory: Path) -> None:
        self.url = places.embedded_redis_url(directory)
        self.engine = EmbeddedRedis(directory)

    def start(self) -> None:
        self.engine.start()

    def stop(self) -> None:
        self.engine.stop()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory):
    engine = _Redis(tmp_path_factory.mktemp("redis"))
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
async def gateways(
    redis: _Redis, clock: _Clock, request: pytest.FixtureRequest
) -> AsyncIterator[list[LogInBudget]]:
    """Two gateways that share a Redis."""
    both = [
        LogInBudget(
            SharedFailures(redis.url, home_seconds=1000, prefix=f"{request.node.name}:"), clock
        )
        for _ in range(2)
    ]
    yield both
    for each in both:
        await each.close()


async def _fail(budget: LogInBudget, attempt: Attempt, times: int) -> None:
    for _ in range(times):
        await budget.note_failure(attempt, CONFIG)


async def test_failures_with_a_user_name_count_in_all_gateways(
    gateways: list[LogInBudget], clock: _Clock
) -> None:
    here, there = gateways
    await _fail(here, APP, 2)
    assert await there.refusal(APP, CONFIG) is None
    await _fail(there, ELSEWHERE, 1)
    for budget in gateways:
        assert await budget.refusal(APP, CONFIG) == replies.AUTH_LOCKED_USER
        other = dataclasses.replace(APP, user="other@shop.example")
        assert await budget.refusal(other, CONFIG) is None


async def test_each_failure_counts_for_the_window_and_no_longer(
    gateways: list[LogInBudget], clock: _Clock
) -> None:
    budget = gateways[0]
    for _ in range(3):
        await _fail(budget, APP, 1)
        clock.now += 30
    assert await budget.refusal(APP, CONFIG) == replies.AUTH_LOCKED_USER
    clock.now += 10.001
    assert await budget.refusal(APP, CONFIG) is None
    await _fail(budget, APP, 1)
    assert await budget.refusal(APP, CONFIG) == replies.AUTH_LOCKED_USER


async def test_failures_with_many_user_names_count_against_their_ip(
    gateways: list[LogInBudget],
) -> None:
    for number in range(5):
        await _fail(gateways[number % 2], Attempt(f"user{number}@shop.example", APP.place), 1)
    assert await gateways[0].refusal(APP, CONFIG) == replies.AUTH_LOCKED_IP
    assert await gateways[0].refusal(ELSEWHERE, CONFIG) is None
    unlimited = dataclasses.replace(APP, is_place_limited=False)
    assert await gateways[0].refusal(unlimited, CONFIG) is None


async def test_strangers_cannot_lock_a_user_name_out_where_it_is_at_home(
    gateways: list[LogInBudget],
) -> None:
    here, there = gateways
    await here.note_success(APP)
    await _fail(there, ELSEWHERE, 3)
    assert await there.refusal(ELSEWHERE, CONFIG) == replies.AUTH_LOCKED_USER
    assert await there.refusal(APP, CONFIG) is None
    await _fail(there, APP, 3)
    assert await here.refusal(APP, CONFIG) == replies.AUTH_LOCKED_USER


async def test_without_redis_each_gateway_counts_for_itself_and_goes_on_when_it_is_back(
    gateways: list[LogInBudget],
    redis: _Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    here, there = gateways
    await _fail(here, APP, 2)
    await asyncio.to_thread(redis.stop)
    try:
        await _fail(here, APP, 2)
        assert await here.refusal(APP, CONFIG) is None
        assert await there.refusal(APP, CONFIG) is None
        await here.note_success(ELSEWHERE)
        await _fail(here, APP, 1)
        assert await here.refusal(APP, CONFIG) == replies.AUTH_LOCKED_USER
        assert await here.refusal(ELSEWHERE, CONFIG) is None
    finally:
        await asyncio.to_thread(redis.start)
    monkeypatch.setattr(budgets, "_ASK_AGAIN_SECONDS", 0.0)
    here._ask_again_at = there._ask_again_at = 0.0
    # What was counted before, and what only one of them saw meanwhile.
    assert await here.refusal(APP, CONFIG) == replies.AUTH_LOCKED_IP
    assert await there.refusal(APP, CONFIG) is None
    await _fail(there, APP, 3)
    assert await there.refusal(APP, CONFIG) == replies.AUTH_LOCKED_IP
    events = [record.getMessage() for record in caplog.records]
    assert events.count("auth.redis_away") == 2
    assert events.count("auth.redis_back") == 2


async def test_a_lock_is_logged_once_when_it_begins(
    gateways: list[LogInBudget], caplog: pytest.LogCaptureFixture
) -> None:
    await _fail(gateways[0], APP, 5)
    locks = {
        record.getMessage(): (record.ip, getattr(record, "user", ""))  # type: ignore[attr-defined]
        for record in caplog.records
    }
    assert locks == {
        "auth.user_locked": ("192.0.2.7", "app@shop.example"),
        "auth.ip_locked": ("192.0.2.7", ""),
    }
    assert len(caplog.records) == 2


def test_memory_forgets_whoever_failed_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtp_gateway.submission.failures._MAX_SUBJECTS", 6)
    memory = FailureMemory(home_seconds=10)
    for number in range(4):
        memory.note_failure(Attempt(f"user{number}", f"192.0.2.{number}"), number, 100)
    assert memory.standing(Attempt("user0", "192.0.2.0"), 5, 100).of_user == 0
    assert memory.standing(Attempt("user3", "192.0.2.3"), 5, 100).of_user == 1
    for number in range(7):
        memory.note_success(Attempt(f"user{number}", "192.0.2.1"), 5)
    assert not memory.standing(Attempt("user0", "192.0.2.1"), 6, 100).is_at_home
    assert memory.standing(Attempt("user6", "192.0.2.1"), 6, 100).is_at_home
    assert not memory.standing(Attempt("user6", "192.0.2.1"), 16, 100).is_at_home
