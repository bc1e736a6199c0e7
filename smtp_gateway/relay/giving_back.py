"""Out of a lane's hand without an attempt: back into the queue for a while, or to other relays."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.bridge import Bridge
from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.relay.attempt import expired_waiting
from smtp_gateway.relay.database import insist
from smtp_gateway.relay.destination import Wait
from smtp_gateway.relay.recorder import Recorder
from smtp_gateway.relay.restraint import Restraint


class GivingBack:
    """What a lane gives back. It ends what is at the end of its lifetime."""

    def __init__(
        self,
        *,
        bridge: Bridge,
        relay_id: int,
        recorder: Recorder,
        start: Callable[[Coroutine[Any, Any, None]], None],
        forget: Callable[[Sequence[int]], None],
        wake: Callable[[], None],
    ) -> None:
        """`start` runs what blocks; `forget` hears what is out of our hand, `wake` wakes others."""
        self._bridge, self._relay_id, self._recorder = bridge, relay_id, recorder
        self._start, self._forget, self._wake = start, forget, wake
        self.restraint = Restraint()

    def postpone(self, deliveries: Sequence[LeasedDelivery], wait: Wait) -> None:
        """They wait in the queue for so long, and say why."""
        if ids := self._living(deliveries, wait):
            self._start(self._postpone(ids, wait))

    def leave_to_others(
        self, deliveries: Sequence[LeasedDelivery], wait: Wait, *, is_all: bool
    ) -> None:
        """They are as due as they were; `is_all`: the lease held nothing else."""
        if ids := self._living(deliveries, wait):
            self.restraint.begin(is_all=is_all)
            self._start(self._leave(ids))

    def _living(self, deliveries: Sequence[LeasedDelivery], wait: Wait) -> Sequence[int]:
        now = timezone.now()
        if over := [delivery for delivery in deliveries if delivery.expires_at <= now]:
            self._recorder.put([expired_waiting(delivery, wait) for delivery in over])
        return [delivery.delivery_id for delivery in deliveries if delivery.expires_at > now]

    async def _postpone(self, ids: Sequence[int], wait: Wait) -> None:
        await insist(
            lambda: self._bridge.database(
                queue.postpone,
                relay_id=self._relay_id,
                delivery_ids=ids,
                seconds=wait.seconds,
                code=wait.code,
                reason=wait.reason,
            )
        )
        self._forget(ids)

    async def _leave(self, ids: Sequence[int]) -> None:
        relay_id = self._relay_id
        await insist(
            lambda: self._bridge.database(queue.leave, relay_id=relay_id, delivery_ids=ids)
        )
        self._forget(ids)
        self.restraint.end()
        self._wake()
