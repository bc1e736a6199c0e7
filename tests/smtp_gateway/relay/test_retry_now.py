"""A retry asked for by hand ends the pauses of every destination."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery
from smtp_gateway.queue import acting
from smtp_gateway.relay.dispatch import LaneLimits
from smtp_gateway.wake import RELEASE_HOLDS
from tests.smtp_gateway.queued import enqueue, make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import until
from tests.smtp_gateway.relay.test_destinations import GREYLISTING, waiting


class Hints:
    """What the relay is told, and when."""

    def __init__(self) -> None:
        self._names: asyncio.Queue[Sequence[str]] = asyncio.Queue()

    def send(self, *names: str) -> None:
        self._names.put_nowait(names)

    async def all(self) -> AsyncIterator[Sequence[str]]:
        while True:
            yield await self._names.get()


def is_deferred() -> bool:
    return Attempt.objects.filter(outcome="deferred").exists()


def retry_all() -> None:
    acting.retry(list(Delivery.objects.values_list("id", flat=True)), operator="ann@example.com")


async def test_what_went_back_for_a_pause_goes_out_when_it_is_due_by_hand(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return GREYLISTING if verb == "MAIL" and hop.verbs.count("MAIL") == 1 else None

    hints = Hints()
    async with ScriptedHop(script).running() as hop, running_relay(hop, hints=hints.all):
        await database.do(enqueue, "first@busy.test")
        await database.until(is_deferred)
        await database.do(enqueue, "second@busy.test")
        await database.until(lambda: waiting("destination-held"))
        hints.send(RELEASE_HOLDS, "trigger")
        await database.do(retry_all)
        await until(lambda: len(hop.taken) == 2)


async def test_what_is_in_hand_goes_out_when_the_pause_has_ended(
    database: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest: list[str] = []

    def seconds_until_due(*, lane: str, outlook: object) -> None:
        at_rest.append(lane)

    monkeypatch.setattr(queue, "seconds_until_due", seconds_until_due)

    def script(verb: str, argument: str) -> str | None:
        return GREYLISTING if verb == "." and hop.complete == 1 else None

    hints = Hints()
    await database.do(queue.accept, [make_submission(), make_submission()])
    hop = ScriptedHop(script, gate=asyncio.Event())
    limits = LaneLimits(poll_seconds=60)
    async with (
        hop.running(),
        running_relay(hop, connections=1, limits=limits, hints=hints.all),
    ):
        await until(lambda: hop.complete and "trigger" in at_rest)
        assert hop.gate is not None
        hop.gate.set()
        await database.until(is_deferred)
        hints.send(RELEASE_HOLDS, "trigger")
        await until(lambda: hop.taken)
