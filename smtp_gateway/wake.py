"""Hints over Redis that there is something to relay. Never needed: relays also poll."""

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Sequence

import redis
import redis.asyncio
from django.conf import settings

CHANNEL = "directmail:wake"
RELEASE_HOLDS = "release-holds"
"""Beside the lanes of a hint: destinations that are left alone for a while are tried, too."""
_AGAIN_SECONDS = 1.0
_SILENCE_SECONDS = 5.0
_PAUSE_SECONDS = 3.0
_LAST_SECONDS = 0.2
# A relay with work looks for more by itself; a hint is for one that rests.
_GAP_SECONDS = 0.03

log = logging.getLogger(__name__)

_client = redis.Redis.from_url(
    settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None
)


def send_hint(*lanes: str) -> bool:
    """Wakes the relays for these lanes, or for all where none is named. Blocks for up to a second.

    False: Redis is away, nothing happened.
    """
    try:
        _client.publish(CHANNEL, ",".join(lanes))
    except (redis.RedisError, OSError):
        log.debug("wake.redis_away")
        return False
    return True


class Waker:
    """Sends hints without anybody waiting for Redis: one at a time, after a failed one a pause."""

    def __init__(self) -> None:
        self._is_wanted = False
        self._lanes: set[str] = set()
        self._sender: asyncio.Task[None] | None = None

    def wake(self, *lanes: str) -> None:
        """A hint for these lanes goes out after this moment, soon or, with Redis away, later."""
        self._is_wanted = True
        self._lanes |= set(lanes)
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())

    async def close(self) -> None:
        """Gives the last hint a moment."""
        if sender := self._sender:
            await asyncio.wait([sender], timeout=_LAST_SECONDS)
            sender.cancel()

    async def _send(self) -> None:
        try:
            while self._is_wanted:
                self._is_wanted = False
                send = functools.partial(send_hint, *self._lanes)
                self._lanes.clear()
                is_sent = await asyncio.get_running_loop().run_in_executor(None, send)
                # What comes soon after a hint shares the next.
                await asyncio.sleep(_GAP_SECONDS if is_sent else _PAUSE_SECONDS)
        finally:
            self._sender = None


async def hints() -> AsyncIterator[Sequence[str]]:
    """The lanes of every hint, none for all, for ever; connects again while Redis is away."""
    is_away = False
    while True:
        try:
            async for lanes in _subscription():
                is_away = False
                yield lanes
        except (redis.RedisError, OSError) as error:
            # One line for an outage: it delays mail by a second at most.
            log.log(
                logging.DEBUG if is_away else logging.WARNING,
                "wake.redis_away",
                extra={"error": str(error)},
            )
            is_away = True
        await asyncio.sleep(_AGAIN_SECONDS)


async def _subscription() -> AsyncIterator[Sequence[str]]:
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
    try:
        async with client.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            # What was sent before we listened is found by polling; say so at once.
            yield ()
            while True:
                message = await subscription.get_message(timeout=_SILENCE_SECONDS)
                if message is None:
                    await subscription.ping()
                else:
                    yield message["data"].decode().split(",") if message["data"] else ()
    finally:
        await client.aclose()
