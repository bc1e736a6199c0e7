"""What a crew works on: groups of deliveries, with the contents that lie in memory for them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.relay.attempt import mail_of
from smtp_gateway.relay.commands import Mail
from smtp_gateway.relay.own.value import OwnById

Group = Sequence[LeasedDelivery]
"""Deliveries of one message that share a transaction."""


@dataclass(slots=True)
class Batch:
    """Groups whose contents lie in memory together, until the last of them is attempted."""

    contents: Mapping[int, bytes]
    left: int
    own: OwnById = field(default_factory=dict)
    done: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def finish_one(self) -> None:
        self.left -= 1
        if not self.left and not self.done.done():
            self.done.set_result(None)


class Job:
    """A group that waits for its attempt."""

    __slots__ = ("_mail", "batch", "group", "since")

    def __init__(self, group: Group, batch: Batch, since: float) -> None:
        self.group, self.batch, self.since = group, batch, since
        self._mail: Mail | None = None

    @property
    def size_bytes(self) -> int:
        return self.group[0].size_bytes

    def mail(self) -> Mail:
        """The same each time. Raises KeyError where its content is gone."""
        if self._mail is None:
            self._mail = mail_of(self.group, self.batch.contents, self.batch.own)
        return self._mail
