"""The brake of a sender address, as an application sees it."""

from django.utils import timezone

from senders.models import SenderAddress, Standing
from senders.standing.keeping import keep_allowances
from senders.standing.services import release_brake
from tests.smtp_gateway.submission.talking import make_sender

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
