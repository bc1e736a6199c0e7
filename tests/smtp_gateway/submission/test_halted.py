"""The brake of a sender address, as an application sees it."""

from datetime import UTC, datetime

from django.utils import timezone

from senders.models import SenderAddress, Standing, StandingLevel
from senders.standing.keeping import keep_allowances
from senders.standing.services import release_brake
from smtp_gateway.standing.watching import watch
from tests.smtp_gateway.standing.counted import count_day
from tests.smtp_gateway.submission.talking import APP, MAIL, Line, as_data, eventually, make_sender

NEWS = "news@shop.example"
HALTED = (
    "451 4.7.1 No mail of this address is accepted for now: 60 of its last 1000 mails went to "
    "mailboxes that do not exist, and an admin has to look at it; see Standing in the console"
)


def brake() -> None:
    make_sender(NEWS, mail_type="batch")
    now = timezone.now()
    Standing.objects.create(
        sender=SenderAddress.objects.get(address=NEWS), brake="hard-bounces", braked_at=now,
        trouble_count=60, trouble_of=1_000,
    )  # fmt: skip
    keep_allowances(now)


def release() -> None:
    sender = SenderAddress.objects.get(address=NEWS)
    release_brake(sender, reason="list cleaned", decided_by="x", now=timezone.now())


async def test_a_braked_batch_address_is_told_to_come_later(gateway):
    await gateway.database(brake)
    async with gateway.session(NEWS) as client:
        assert await client.talk([f"MAIL FROM:<{NEWS}>"]) == [HALTED]
    assert await gateway.messages() == []


async def test_after_the_release_its_mail_is_accepted_again(gateway):
    await gateway.database(brake)
    await gateway.database(release)
    async with gateway.session(NEWS) as client:
        assert await client.talk([f"MAIL FROM:<{NEWS}>"]) == ["250 2.1.0 Sender ok"]


NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
LITTLE = "Quota of 2 recipients per hour of this sender address reached, 0 left; "


def brake_after_bounces() -> None:
    """As the worker does; level 1 allows 2 recipients an hour."""
    StandingLevel.objects.create(level=1, per_hour=2, per_day=90, pace_per_minute=1)
    count_day(APP, NOON, relayed=100, hard_bounces=50)
    watch(NOON)
    keep_allowances(NOON)


def mail_to(recipient: str) -> list[Line]:
    return [f"MAIL FROM:<{APP}>", f"RCPT TO:<{recipient}>", "DATA", as_data(MAIL)]


async def test_a_braked_trigger_address_goes_on_with_what_level_1_allows_from_then_on(gateway):
    gateway.services.now = lambda: NOON

    async def send(recipient: str) -> str:
        return " / ".join(await gateway.talk(mail_to(recipient)))

    for number in range(3):
        assert "250 2.0.0 Ok: queued" in await send(f"ann{number}@home.example")
    await gateway.database(brake_after_bounces)

    async def is_refused() -> bool:
        return LITTLE in await send("bob@home.example")

    assert await eventually(is_refused, 60)
    assert len(await gateway.messages()) >= 5
