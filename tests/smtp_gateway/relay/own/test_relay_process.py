"""The relay as the process it is: links by its settings, pace and window by the policies."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from senders.opting_out.links import opt_out_of
from senders.opting_out.token import OptOut
from smtp_gateway.models import Delivery
from tests.senders.deciding import decide
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.own.test_batch_mail import FROM, MAIL, link_in
from tests.smtp_gateway.relay.running import Queue, relay_process

PATIENCE = 90
RECIPIENTS = [f"r{number}@example.net" for number in range(12)]


def set_policy(**values: object) -> None:
    """Its row is gone where tests that commit have emptied the tables."""
    values = {"unsubscribe": "one-click", **values}
    decide("batch", **values)


def batch(*recipients: str) -> str:
    return enqueue(
        *recipients, mail_type="batch", sender_address=FROM, mail_from=FROM, content=MAIL
    )


def relayed() -> int:
    return Delivery.objects.filter(state="relayed").count()


async def test_a_mailing_leaves_at_its_pace_with_a_link_for_each_recipient(
    database: Queue, tmp_path: Path
) -> None:
    await database.do(set_policy, pace_per_minute=240)
    await database.do(batch, *RECIPIENTS)
    async with ScriptedHop().running() as hop:
        named = {
            "RELAY_URL": f"smtp://127.0.0.1:{hop.port}",
            "PUBLIC_URL": "https://mail.example.com",
            "SECRET_KEY": settings.SECRET_KEY,
        }
        async with relay_process(tmp_path / "log", **named):
            await database.until(lambda: relayed() == len(RECIPIENTS), seconds=PATIENCE)
    links = {mail.recipients: link_in(mail.content) for mail in hop.taken}
    assert {
        recipients: opt_out_of(link.removeprefix("https://mail.example.com/u/"))
        for recipients, link in links.items()
    } == {(to,): OptOut(FROM, to) for to in RECIPIENTS}
    slots = await database.do(
        lambda: sorted(Delivery.objects.values_list("next_attempt_at", flat=True))
    )
    assert all(after - before >= timedelta(seconds=0.25) for before, after in pairwise(slots))


async def test_a_window_that_opens_lets_out_what_waited(database: Queue, tmp_path: Path) -> None:
    hour = timezone.now() + timedelta(hours=6)
    await database.do(
        set_policy,
        window_opens=hour.time().replace(microsecond=0),
        window_closes=(hour + timedelta(hours=1)).time().replace(microsecond=0),
        window_time_zone="UTC",
    )
    await database.do(batch, "reader@example.net")
    async with ScriptedHop().running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with relay_process(tmp_path / "log", RELAY_URL=url):
            await database.do(enqueue, "first@example.net")
            await database.until(lambda: relayed() == 1, seconds=PATIENCE)
            assert [mail.recipients for mail in hop.taken] == [("first@example.net",)]
            await database.do(set_policy, window_opens=None, window_closes=None)
            await database.until(lambda: relayed() == 2, seconds=PATIENCE)
