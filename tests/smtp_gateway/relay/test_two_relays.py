"""Relays share one queue: each mail goes out once, whoever takes it."""

from collections import Counter
from pathlib import Path

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, RelayProcess
from tests.smtp_gateway.queued import make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, relay_process

MAILS = 2000


def are_all_relayed() -> bool:
    return not Delivery.objects.exclude(state="relayed").exists()


async def test_two_processes_relay_two_thousand_mails_each_of_them_once(
    database: Queue, tmp_path: Path
) -> None:
    sent = [
        make_submission(f"{n}@x.test", sender_address=f"{n % 7}@example.com") for n in range(MAILS)
    ]
    async with ScriptedHop(delay=0.005).running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with (
            relay_process(tmp_path / "first", RELAY_URL=url),
            relay_process(tmp_path / "second", RELAY_URL=url),
        ):
            await database.until(lambda: RelayProcess.objects.count() == 2, 20)
            await database.do(queue.accept, sent)
            await database.until(are_all_relayed, 60)
    arrived = Counter(mail.recipients for mail in hop.taken)
    assert arrived == {(f"{n}@x.test",): 1 for n in range(MAILS)}
    assert await database.do(Attempt.objects.count) == MAILS
    for log in ("first", "second"):
        assert "attempt.relayed" in (tmp_path / log).read_text()
