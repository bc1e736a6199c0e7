"""Retry now also tries a destination that the relay leaves alone for a while."""

from smtp_gateway import actions, wake
from smtp_gateway.actions import By
from smtp_gateway.models import ActionName, Delivery
from smtp_gateway.selection import Selection
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay


def is_busy(verb: str, argument: str) -> str | None:
    return "421 4.7.0 Too many connections, try again in 300 seconds" if verb == "CONNECT" else None


def reasons() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("id").values_list("state", "reason_code"))


def is_held() -> bool:
    return len(reasons()) == 2 and reasons()[1] == ("queued", "destination-held")


def retry_all() -> int:
    by = By("op@example.com", None)
    return actions.act(ActionName.RETRY, Selection("found"), by=by, known_event=0).count


async def test_a_held_destination_is_tried_at_once(database: Queue) -> None:
    async with (
        ScriptedHop(script=is_busy).running() as hop,
        running_relay(hop, hints=wake.hints),
    ):
        await database.do(enqueue, "first@x.test")
        await database.until(lambda: reasons()[0][1] not in ("", "destination-held"))
        await database.do(enqueue, "second@x.test")
        await database.until(is_held)
        hop.script = lambda verb, argument: None
        assert await database.do(retry_all) == 2
        await database.until(lambda: [state for state, _ in reasons()] == ["relayed"] * 2)
    assert len(hop.taken) == 2
