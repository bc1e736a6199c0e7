"""The mailbox route: mail is kept here, and says why."""

from smtp_gateway.models import Attempt, CaughtMail
from tests.smtp_gateway.queued import CONTENT, enqueue, states
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay


def caught(queue_id: str) -> list[str]:
    found = CaughtMail.objects.filter(message__queue_id=queue_id).first()
    return found.recipients.split("\n") if found else []


async def test_without_a_smarthost_mail_is_kept_for_all_its_recipients(database: Queue) -> None:
    queue_id = await database.do(enqueue, "a@x.test", "b@x.test")
    async with running_relay():
        await database.until(lambda: len(caught(queue_id)) == 2)
    assert await database.do(states, queue_id) == [
        ("a@x.test", "relayed"),
        ("b@x.test", "relayed"),
    ]
    attempt = await database.do(lambda: Attempt.objects.first())
    assert attempt is not None
    assert (attempt.route, attempt.next_hop) == ("Local mailbox", "local mailbox")
    assert attempt.reason == "Kept in the local mailbox: RELAY_URL is not set."


async def test_mail_of_an_unverified_domain_is_kept_and_directmails_own_goes_out(
    database: Queue,
) -> None:
    async with ScriptedHop().running() as hop:
        kept = await database.do(enqueue, mail_from="app@unverified.test")
        from_console = await database.do(enqueue, origin="console")
        own = await database.do(enqueue, "me@x.test", origin="system", sender_address="")
        async with running_relay(hop, allow_unverified=False):
            await database.until(lambda: caught(kept) and caught(from_console))
            await database.until(lambda: states(own) == [("me@x.test", "relayed")])
        assert [mail.recipients for mail in hop.taken] == [("me@x.test",)]
    assert not await database.do(caught, own)
    attempt = await database.do(lambda: Attempt.objects.get(delivery__message__queue_id=kept))
    assert attempt.reason_code == "domain-unverified"
    assert attempt.reason == (
        "Kept in the local mailbox: nobody has verified the domain unverified.test yet."
    )


async def test_what_the_mailbox_keeps_is_what_was_queued(database: Queue) -> None:
    queue_id = await database.do(enqueue)
    async with running_relay():
        await database.until(lambda: caught(queue_id))
    body = await database.do(
        lambda: bytes(
            CaughtMail.objects.select_related("message__content").get().message.content.body
        )
    )
    assert body == CONTENT
