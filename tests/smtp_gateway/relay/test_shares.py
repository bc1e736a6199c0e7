"""Caps of a destination, divided among the relays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_gateway.relay.governor import Caps
from smtp_gateway.relay.shares import ALONE, Rank, share


def shares(count: int, *, connections: int, rate: int | None = None, key: int = 0) -> list[Caps]:
    return [
        share(Rank(number, count), connections=connections, mails_per_minute=rate, key=key)
        for number in range(count)
    ]


def test_a_relay_that_is_alone_has_all_of_it() -> None:
    caps = share(ALONE, connections=10, mails_per_minute=60, key=7)
    assert caps == Caps(10, 1.0)


@pytest.mark.parametrize(
    ("connections", "count", "expected"),
    [(10, 2, [5, 5]), (10, 3, [4, 3, 3]), (1, 3, [1, 0, 0])],
)
def test_connections_are_divided(connections: int, count: int, expected: list[int]) -> None:
    assert [caps.connections for caps in shares(count, connections=connections)] == expected


def test_what_does_not_divide_falls_to_another_relay_at_another_destination() -> None:
    holders = {
        [caps.connections for caps in shares(3, connections=1, key=key)].index(1)
        for key in range(3)
    }
    assert holders == {0, 1, 2}


@given(
    count=st.integers(1, 20),
    connections=st.integers(1, 200),
    rate=st.integers(1, 100_000),
    key=st.integers(0, 2**32 - 1),
)
def test_all_shares_together_are_the_cap(count: int, connections: int, rate: int, key: int) -> None:
    divided = shares(count, connections=connections, rate=rate, key=key)
    assert sum(caps.connections for caps in divided) == connections
    mails_per_minute = sum(60 / caps.interval for caps in divided if caps.connections)
    assert mails_per_minute == pytest.approx(rate)
