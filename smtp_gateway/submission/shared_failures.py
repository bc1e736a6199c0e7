"""How many log-ins failed lately, in Redis: counted over all gateways.

A sorted set for each IP and each user name, a member for each failure with its time as score, gone
with the last failure's window, or when an operator lifts the lock-out. Never waits long: who asks
has a fallback.
"""

import re
import secrets
from collections.abc import Sequence

import redis.asyncio

from smtp_gateway.submission.failures import Attempt, Standing, standing_of

PREFIX = "directmail:auth:"
# What Redis raises when it is away, slow or full.
REDIS_AWAY = (redis.RedisError, OSError, TimeoutError)

_TIMEOUT_SECONDS = 0.25
_MAX_CONNECTIONS = 8


class SharedFailures:
    """All methods raise REDIS_AWAY. Times are seconds since the epoch, alike on all machines."""

    def __init__(self, url: str, *, home_seconds: float, prefix: str = PREFIX) -> None:
        self._prefix = prefix
        self._home_seconds = home_seconds
        self._redis = redis.asyncio.Redis.from_pool(
            redis.asyncio.BlockingConnectionPool.from_url(
                url,
                max_connections=_MAX_CONNECTIONS,
                timeout=4 * _TIMEOUT_SECONDS,
                socket_timeout=_TIMEOUT_SECONDS,
                socket_connect_timeout=_TIMEOUT_SECONDS,
                retry=None,
            )
        )

    async def standing(self, attempt: Attempt, now: float, window: float) -> Standing:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for subject in attempt.subjects:
                pipeline.zcount(self._key(subject), now - window, "+inf")
            pipeline.exists(self._key(attempt.home))
            return _standing(await pipeline.execute())

    async def note_failure(self, attempt: Attempt, now: float, window: float) -> Standing:
        """How things stand after it."""
        failure = secrets.token_hex(8)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for subject in attempt.subjects:
                pipeline.zadd(self._key(subject), {failure: now})
                pipeline.zremrangebyscore(self._key(subject), "-inf", now - window)
                pipeline.expire(self._key(subject), int(window) + 1)
                pipeline.zcard(self._key(subject))
            pipeline.exists(self._key(attempt.home))
            *counted, is_at_home = await pipeline.execute()
        return _standing([*counted[3::4], is_at_home])

    async def note_success(self, attempt: Attempt) -> None:
        await self._redis.set(self._key(attempt.home), b"", ex=int(self._home_seconds))

    async def forget_user(self, user: str) -> bool:
        """Whether failures of this user name were counted; they are no more, wherever they were."""
        return await self._forget(f"user:{user}", f"{_literally(user)}:*")

    async def forget_place(self, place: str) -> bool:
        """Likewise of whoever tried there."""
        return await self._forget(f"ip:{place}", f"*:{_literally(place)}")

    async def close(self) -> None:
        await self._redis.aclose()

    async def _forget(self, subject: str, pairs: str) -> bool:
        pattern = f"{_literally(self._prefix)}pair:{pairs}".encode()
        found = [key async for key in self._redis.scan_iter(pattern, count=1000)]
        return bool(await self._redis.delete(self._key(subject), *found))

    def _key(self, name: str) -> bytes:
        # Names are as long as an AUTH line may be.
        return f"{self._prefix}{name[:512]}".encode("utf-8", "replace")


def _literally(text: str) -> str:
    """For a pattern of Redis."""
    return re.sub(r"([*?\[\]\\^-])", r"\\\1", text)


def _standing(answers: Sequence[int]) -> Standing:
    *counts, is_at_home = answers
    return standing_of(counts, is_at_home=bool(is_at_home))
