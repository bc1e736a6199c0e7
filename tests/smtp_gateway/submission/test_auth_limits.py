"""Log-ins under attack: what is refused before any hashing, and who goes on all the same."""

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from smtp_gateway.submission.password_hashes import Group, matching
from tests.smtp_gateway.submission.talking import (
    APP,
    Client,
    Gateway,
    eventually,
    make_sender,
    plain,
)

WELCOME = "235 2.7.0 Authentication successful"
REFUSED = "535 5.7.8 User name or password refused"
LOCKED_USER = "454 4.7.0 Too many refused log-ins with this user name; try again later"
LOCKED_IP = "421 4.7.0 Too many refused log-ins from your IP address; try again later"
BUSY = "454 4.7.0 Too many log-ins at once; try again in a moment"
WRONG = f"AUTH PLAIN {plain(password='WrongPass12')}"


async def log_in(gateway: Gateway, line: str = f"AUTH PLAIN {plain()}") -> str:
    async with gateway.connect(tls=True) as client:
        return (await client.talk(["EHLO c", line]))[1]


@pytest.fixture
def hashed(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were verified."""
    hashing, passwords = gateway.bridge.hashing, []

    async def counted(work: Any, *arguments: Any) -> Any:
        passwords.append(arguments[0])
        return await hashing(work, *arguments)

    monkeypatch.setattr(gateway.bridge, "hashing", counted)
    return passwords


def waiting_for(go_on: threading.Event) -> Callable[..., str]:
    """A verification that finds nothing, when it may."""

    def find_nothing(*_: object) -> str:
        go_on.wait(10)
        return ""

    return find_nothing


async def closed(client: Client) -> bool:
    return await client.reply() == ""


async def test_a_session_ends_after_a_few_refused_log_ins(gateway: Gateway) -> None:
    gateway.configure(max_auth_failures_per_session=3)
    async with gateway.connect(tls=True) as client:
        assert (await client.talk(["EHLO c", WRONG, WRONG, WRONG]))[1:] == [REFUSED] * 3
        assert await client.reply() == "421 4.7.0 Too many refused log-ins; closing connection"
        assert await closed(client)


async def test_a_user_name_is_locked_before_any_hashing(
    gateway: Gateway, hashed: list[str]
) -> None:
    gateway.configure(max_auth_failures_per_user=2)
    assert [await log_in(gateway, WRONG) for _ in range(3)] == [REFUSED, REFUSED, LOCKED_USER]
    assert await log_in(gateway) == LOCKED_USER
    assert hashed == ["WrongPass12"] * 2
    await gateway.database(lambda: make_sender("other@shop.example"))
    assert await log_in(gateway, f"AUTH PLAIN {plain('other@shop.example')}") == WELCOME


async def test_names_that_nobody_has_are_locked_alike(gateway: Gateway) -> None:
    gateway.configure(max_auth_failures_per_user=2)
    line = f"AUTH PLAIN {plain('nobody@shop.example')}"
    assert [await log_in(gateway, line) for _ in range(3)] == [REFUSED, REFUSED, LOCKED_USER]


async def test_an_ip_is_locked_and_its_connections_end(gateway: Gateway) -> None:
    gateway.configure(max_auth_failures_per_ip=2, unlimited_networks=())
    for number in range(2):
        assert await log_in(gateway, f"AUTH PLAIN {plain(f'user{number}@x.example')}") == REFUSED
    async with gateway.connect(tls=True) as client:
        assert (await client.talk(["EHLO c", WRONG]))[1] == LOCKED_IP
        assert await closed(client)


async def test_who_logged_in_lately_is_let_in_whatever_others_do(
    gateway: Gateway, hashed: list[str]
) -> None:
    gateway.configure(max_auth_failures_per_user=1, max_auth_failures_per_ip=1)
    gateway.configure(unlimited_networks=())
    assert await log_in(gateway) == WELCOME
    assert await log_in(gateway, WRONG) == REFUSED
    assert await log_in(gateway, WRONG) == LOCKED_IP
    assert await log_in(gateway) == WELCOME
    assert len(hashed) == 2


async def test_a_verified_password_is_verified_again_after_its_time(
    gateway: Gateway, hashed: list[str]
) -> None:
    gateway.configure(credential_memory=timedelta(0))
    assert [await log_in(gateway) for _ in range(2)] == [WELCOME] * 2
    assert len(hashed) == 2


async def test_simultaneous_log_ins_of_one_credential_share_a_verification(
    gateway: Gateway, hashed: list[str]
) -> None:
    assert await asyncio.gather(*(log_in(gateway) for _ in range(10))) == [WELCOME] * 10
    assert len(hashed) < 3


async def test_names_that_nobody_has_share_no_verification(
    gateway: Gateway, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else one password tried at once with many names would tell by its time which of them exist.
    go_on = threading.Event()
    monkeypatch.setattr("smtp_gateway.submission.verifier.matching", waiting_for(go_on))
    names = [f"nobody{number}@shop.example" for number in range(2)]
    guesses = [asyncio.create_task(log_in(gateway, f"AUTH PLAIN {plain(name)}")) for name in names]

    async def both_are_verified() -> bool:
        return len(hashed) == 2

    await eventually(both_are_verified)
    go_on.set()
    assert await asyncio.gather(*guesses) == [REFUSED, REFUSED]


async def test_log_ins_are_turned_away_when_too_many_wait(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.configure(max_waiting_log_ins=1)
    go_on = threading.Event()

    def slow(password: str, groups: Sequence[Group]) -> str:
        go_on.wait(10)
        return matching(password, groups)

    monkeypatch.setattr("smtp_gateway.submission.verifier.matching", slow)
    lines = [f"AUTH PLAIN {plain(password=f'WrongPass{number}')}" for number in range(4)]
    waiting = [asyncio.create_task(log_in(gateway, line)) for line in lines]
    # Two on the threads, one waits, and one is too many.
    done, _ = await asyncio.wait(waiting, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [BUSY]
    go_on.set()
    assert sorted(await asyncio.gather(*waiting)) == [BUSY, REFUSED, REFUSED, REFUSED]


async def test_a_log_in_does_not_wait_for_ever(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.configure(log_in_timeout=timedelta(milliseconds=50))
    go_on = threading.Event()
    monkeypatch.setattr("smtp_gateway.submission.verifier.matching", waiting_for(go_on))
    lines = [f"AUTH PLAIN {plain(password=f'WrongPass{number}')}" for number in range(3)]
    waiting = [asyncio.create_task(log_in(gateway, line)) for line in lines]
    done, _ = await asyncio.wait(waiting, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [BUSY]
    go_on.set()
    await asyncio.gather(*waiting)


async def test_guesses_that_waited_are_dropped_when_the_limit_is_reached_meanwhile(
    gateway: Gateway, hashed: list[str]
) -> None:
    gateway.configure(max_auth_failures_per_user=4)
    lines = [f"AUTH PLAIN {plain(password=f'WrongPass{number}')}" for number in range(30)]
    outcomes = await asyncio.gather(*(log_in(gateway, line) for line in lines))
    assert set(outcomes) == {REFUSED, LOCKED_USER}
    assert len(hashed) <= 6


async def test_the_threads_that_hash_step_back_behind_all_others(gateway: Gateway) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert await gateway.bridge.hashing(niceness) > await gateway.database(niceness)


@pytest.mark.parametrize("user", [APP, "x" * 5000, "\u200b", "*"])
async def test_odd_user_names_are_counted_too(gateway: Gateway, user: str) -> None:
    gateway.configure(max_auth_failures_per_user=1)
    line = f"AUTH PLAIN {plain(user, 'WrongPass12')}"
    assert [await log_in(gateway, line) for _ in range(2)] == [REFUSED, LOCKED_USER]
