"""Decides whether a user name and a password belong together, in a time that tells nothing.

Unknown, wrong, switched off and suspended cost one argon2 verification each, and get one answer.
"""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from smtp_gateway.bridge import Bridge
from smtp_gateway.identity import Sender
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.directory_access import Senders

# What is known of a logged-in sender may be this old at MAIL.
MAX_KNOWLEDGE_SECONDS = 0.9
_VERIFIED_SECONDS = 300.0
_VERIFIED_CREDENTIALS = 10_000

_hasher = PasswordHasher()


class Authentication:
    """Log-ins, and whether they still hold. `decoy_hash` is verified where there is no hash."""

    def __init__(self, senders: Senders, bridge: Bridge, decoy_hash: str) -> None:
        self._senders = senders
        self._verifier = _Verifier(bridge)
        self._decoy_hash = decoy_hash

    async def log_in(self, user_name: str, password: str) -> Sender | None:
        """The sender that may submit with this credential; None: nobody may."""
        address = normalize(user_name)
        # The database cannot even be asked for a name with a NUL in it.
        sender = await self._senders.fresh(address) if address.isprintable() else None
        password_hash = sender.password_hash if sender else ""
        may_submit = sender is not None and sender.may_submit
        is_right = await self._verifier.verify(
            password, password_hash or self._decoy_hash, remember=may_submit
        )
        return sender if may_submit and is_right else None

    def is_known_to_hold(self, sender: Sender) -> bool:
        """Whether `still_holds` would say yes without asking anybody; else ask that."""
        now = self._senders.known(sender.address, MAX_KNOWLEDGE_SECONDS)
        return now is not None and _is_the_same_credential(now, sender)

    async def still_holds(self, sender: Sender) -> bool:
        """Whether what `sender` logged in with would still let it in."""
        now = await self._senders.recent(sender.address, MAX_KNOWLEDGE_SECONDS)
        return now is not None and _is_the_same_credential(now, sender)


def _is_the_same_credential(now: Sender, then: Sender) -> bool:
    return now.may_submit and now.password_hash == then.password_hash


class _Verifier:
    """argon2 once per credential: what was verified is known for minutes, in this process only.

    A credential is remembered as a digest under a key that no one ever sees, bound to the stored
    hash, so a changed password is a new question.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._key = secrets.token_bytes(32)
        self._verified: OrderedDict[bytes, float] = OrderedDict()
        self._under_way: dict[bytes, asyncio.Task[bool]] = {}

    async def verify(self, password: str, password_hash: str, *, remember: bool) -> bool:
        """`remember` is for who may submit only: a quick refusal would tell that it is right."""
        credential = self._digest(password, password_hash)
        if remember and self._verified.get(credential, 0.0) > time.monotonic():
            return True
        task = self._under_way.get(credential)
        if task is None:
            task = asyncio.create_task(self._bridge.hashing(_matches, password, password_hash))
            self._under_way[credential] = task
            task.add_done_callback(lambda _: self._under_way.pop(credential))
        is_right = await asyncio.shield(task)
        if is_right and remember:
            self._remember(credential)
        return is_right

    def _digest(self, password: str, password_hash: str) -> bytes:
        text = f"{password_hash}\0{password}".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()

    def _remember(self, credential: bytes) -> None:
        self._verified[credential] = time.monotonic() + _VERIFIED_SECONDS
        self._verified.move_to_end(credential)
        if len(self._verified) > _VERIFIED_CREDENTIALS:
            self._verified.popitem(last=False)


def _matches(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
