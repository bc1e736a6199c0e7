"""argon2 once per credential: what was verified is known for minutes, in this process only.

A credential is remembered as a digest under a key that no one ever sees, bound to the stored hash,
so a changed password is a new question, and one that was revoked is asked for no more. Few verify
at a time, some wait, others are turned away.
"""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from smtp_gateway.bridge import Bridge
from smtp_gateway.submission import replies
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.password_hashes import groups, matching
from smtp_gateway.submission.replies import Reply

_VERIFIED_CREDENTIALS = 10_000


@dataclass(frozen=True, slots=True)
class Hashes:
    """What a password may be that of; the `decoy` is nobody's, for where there is nothing else."""

    living: Sequence[str]
    ended: Sequence[str]
    decoy: str


class Bounds(Protocol):
    """Asked and told while the thread is still taken, so that the next one knows of it."""

    @property
    def may_submit(self) -> bool:
        """Whether the right password would be enough."""

    async def refusal(self) -> Reply | None:
        """What forbids to verify; None: nothing."""

    async def settle(self, is_right: bool) -> None:
        """What came out: whether it is the password of a living one."""


class Verifier:
    """Verifies passwords on the threads of `bridge`."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._key = secrets.token_bytes(32)
        self._verified: OrderedDict[bytes, float] = OrderedDict()
        self._under_way: dict[tuple[str, bytes], asyncio.Task[str | Reply]] = {}
        """By user name too: all that do not exist have one hash, and each must cost its time."""
        self._free = asyncio.Semaphore(bridge.hashing_threads)
        self.waiting = 0
        """Log-ins that wait for a thread."""

    def known(self, password: str, living: Sequence[str]) -> str:
        """The one of `living` that this was verified to be lately; empty: none."""
        return next((each for each in living if self._is_known(self._digest(password, each))), "")

    async def verify(
        self, password: str, hashes: Hashes, *, user_name: str, config: Config, bounds: Bounds
    ) -> str | Reply:
        """The hash that it has, of a living or an ended one; empty: none; a Reply: not looked at.

        Simultaneous log-ins with one credential share a verification, and count as one.
        """
        if bounds.may_submit and (known := self.known(password, hashes.living)):
            return known
        key = (user_name, self._digest(password, "".join(hashes.living) or hashes.decoy))
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._verify(password, hashes, config, bounds))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key))
        return await asyncio.shield(task)

    def _is_known(self, credential: bytes) -> bool:
        return self._verified.get(credential, 0.0) > time.monotonic()

    def _remember(self, credential: bytes, config: Config) -> None:
        self._verified[credential] = time.monotonic() + config.credential_memory.total_seconds()
        self._verified.move_to_end(credential)
        if len(self._verified) > _VERIFIED_CREDENTIALS:
            self._verified.popitem(last=False)

    async def _verify(
        self, password: str, hashes: Hashes, config: Config, bounds: Bounds
    ) -> str | Reply:
        if not await self._wait_for_a_thread(config):
            return replies.AUTH_BUSY
        try:
            if refused := await bounds.refusal():
                return refused
            to_compute = groups(hashes.living, hashes.ended, hashes.decoy)
            found = await self._bridge.hashing(matching, password, to_compute)
            is_right = found in hashes.living
            if is_right and bounds.may_submit:
                # Only then: a quick refusal would tell that a password is right.
                self._remember(self._digest(password, found), config)
            await bounds.settle(is_right)
            return found
        finally:
            self._free.release()

    async def _wait_for_a_thread(self, config: Config) -> bool:
        if self._free.locked() and self.waiting >= config.max_waiting_log_ins:
            return False
        self.waiting += 1
        try:
            async with asyncio.timeout(config.log_in_timeout.total_seconds()):
                return await self._free.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1

    def _digest(self, password: str, password_hash: str) -> bytes:
        text = f"{password_hash}\0{password}".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()
