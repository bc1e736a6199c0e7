"""Places at a destination, lent to lanes."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from smtp_gateway.relay.places import Places


class Guests:
    """Whoever holds or waits for a place, by name."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.inside: list[str] = []
        self._leaving: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> Sequence[str]:
        """The first letter is the lane. Returns who is inside then."""
        for name in names:
            self._leaving[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._stay(name))
            await asyncio.sleep(0)
        return await self.settled()

    async def leave(self, *names: str) -> Sequence[str]:
        for name in names:
            self._leaving[name].set()
            await self._tasks[name]
        return await self.settled()

    async def cancel(self, name: str) -> Sequence[str]:
        self._tasks[name].cancel()
        await asyncio.wait([self._tasks[name]])
        return await self.settled()

    async def settled(self) -> Sequence[str]:
        for _ in range(5):
            await asyncio.sleep(0)
        return sorted(self.inside)

    async def _stay(self, name: str) -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.places.hold(name[0]))
            self.inside.append(name)
            stack.callback(self.inside.remove, name)
            await self._leaving[name].wait()


async def test_a_quarter_of_the_places_is_out_of_reach_for_each_lane() -> None:
    guests = Guests(Places(4))
    assert await guests.come("a1", "a2", "a3", "a4") == ["a1", "a2", "a3"]
    assert await guests.come("b1") == ["a1", "a2", "a3", "b1"]


async def test_a_single_place_goes_from_lane_to_lane() -> None:
    guests = Guests(Places(1))
    await guests.come("a1", "a2", "a3", "b1", "b2")
    assert await guests.leave("a1") == ["b1"]
    assert await guests.leave("b1") == ["a2"]
    assert await guests.leave("a2") == ["b2"]
    assert await guests.leave("b2") == ["a3"]


async def test_a_place_is_wanted_where_another_lane_waits_for_it() -> None:
    guests = Guests(Places(1))
    await guests.come("a1", "a2")
    assert not guests.places.is_wanted
    await guests.come("b1")
    assert guests.places.is_wanted


async def test_more_places_let_more_in_at_once() -> None:
    guests = Guests(Places(2))
    assert await guests.come("a1", "a2", "a3") == ["a1"]
    guests.places.limit = 4
    assert await guests.settled() == ["a1", "a2", "a3"]


async def test_with_fewer_places_nobody_is_thrown_out_but_asked_to_leave() -> None:
    guests = Guests(Places(4))
    await guests.come("a1", "a2", "a3")
    guests.places.limit = 2
    assert await guests.settled() == ["a1", "a2", "a3"]
    assert guests.places.is_wanted
    assert await guests.leave("a1") == ["a2", "a3"]
    assert not guests.places.is_wanted
    assert await guests.come("a4") == ["a2", "a3"]


async def test_without_any_place_everybody_waits() -> None:
    guests = Guests(Places(0))
    assert await guests.come("a1", "b1") == []
    guests.places.limit = 1
    assert await guests.settled() == ["a1"]


async def test_who_gives_up_waiting_leaves_the_place_to_others() -> None:
    guests = Guests(Places(1))
    await guests.come("a1", "a2", "a3")
    await guests.cancel("a2")
    assert await guests.leave("a1") == ["a3"]
    await guests.leave("a3")
    assert await guests.come("b1") == ["b1"]


async def test_who_gives_up_in_the_moment_of_being_let_in_keeps_no_place() -> None:
    places = Places(1)
    guests = Guests(places)
    await guests.come("a1", "a2")
    guests._leaving["a1"].set()
    await guests._tasks["a1"]
    guests._tasks["a2"].cancel()
    await asyncio.wait([guests._tasks["a2"]])
    assert await guests.come("b1") == ["b1"]
