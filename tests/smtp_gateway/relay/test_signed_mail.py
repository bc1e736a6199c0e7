"""What the next hop gets verifies, by the records that the console shows."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from senders.dkim_services import activate, generate_dkim_keys
from senders.models import DkimKey
from smtp_gateway import directory
from smtp_gateway.models import Delivery
from smtp_gateway.relay.signing import KEY_UNUSABLE, Signing
from tests.smtp_gateway.queued import enqueue, states
from tests.smtp_gateway.relay.dkim.test_signature import ODD, as_transferred
from tests.smtp_gateway.relay.dkim.verifying import verdicts
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import until


@pytest.fixture
def signing(database: Queue) -> Iterator[Signing]:
    signing = Signing(
        directory.find_signing_keys,
        database.bridge,
        remembered=timedelta(0),
        own_domain="own.example",
    )
    yield signing
    signing.close()


def make_active_keys(domain: str) -> dict[str, str]:
    """The DNS records of the domain's new keys."""
    keys = generate_dkim_keys(domain, now=timezone.now())
    for key in keys:
        activate(key, now=timezone.now())
    return {key.record.name: key.record.value for key in keys}


async def test_every_kind_of_mail_arrives_signed_and_otherwise_as_it_came(
    database: Queue, signing: Signing
) -> None:
    records = await database.do(make_active_keys, "example.com")
    mails = [mail for name, mail in ODD.items() if name != "no header"]
    for mail in mails:
        await database.do(enqueue, mail_from="news@Example.com", content=mail)
    async with ScriptedHop().running() as hop, running_relay(hop, signing=signing):
        await until(lambda: len(hop.taken) == len(mails))
    arrived = [taken.content for taken in hop.taken]
    for content in arrived:
        assert verdicts(content, records) == [True, True]
    # The mail itself stands behind the two signatures.
    for mail in mails:
        assert any(content.endswith(as_transferred(mail)) for content in arrived)


async def test_a_report_has_no_envelope_sender_and_is_signed_all_the_same(
    database: Queue, signing: Signing
) -> None:
    records = await database.do(make_active_keys, "own.example")
    report = b"From: directmail@own.example\r\nSubject: Report\r\n\r\nx\r\n"
    await database.do(enqueue, mail_from="", origin="system", content=report)
    async with ScriptedHop().running() as hop, running_relay(hop, signing=signing):
        await until(lambda: len(hop.taken) == 1)
    assert verdicts(hop.taken[0].content, records) == [True, True]


async def test_mail_of_a_domain_without_keys_goes_as_it_came(
    database: Queue, signing: Signing
) -> None:
    await database.do(make_active_keys, "other.example")
    await database.do(enqueue)
    async with ScriptedHop().running() as hop, running_relay(hop, signing=signing):
        await until(lambda: len(hop.taken) == 1)
    assert hop.taken[0].content.startswith(b"Subject: Hello\r\n")


async def test_mail_that_cannot_be_signed_waits_and_holds_up_no_other(
    database: Queue, signing: Signing
) -> None:
    await database.do(make_active_keys, "example.com")
    await database.do(spoil_keys)
    records = await database.do(make_active_keys, "other.example")
    faulty = await database.do(enqueue)
    sound = await database.do(
        enqueue, mail_from="a@other.example", content=b"From: a@other.example\r\n\r\nx\r\n"
    )
    async with ScriptedHop().running() as hop, running_relay(hop, signing=signing):
        await database.until(lambda: states(sound)[0][1] == "relayed")
        await database.until(lambda: waiting(faulty)[0] == KEY_UNUSABLE)
    assert verdicts(hop.taken[0].content, records) == [True, True]
    assert len(hop.taken) == 1
    _, reason, state, attempts = await database.do(waiting, faulty)
    assert "SECRET_KEY does not open the DKIM keys of example.com" in reason
    assert (state, attempts) == ("queued", 0)


def spoil_keys() -> None:
    DkimKey.objects.update(sealed_private_key="sealed under what is gone")


def waiting(queue_id: str) -> tuple[str, str, str, int]:
    delivery = Delivery.objects.get(message__queue_id=queue_id)
    return delivery.reason_code, delivery.reason, delivery.state, delivery.attempt_count
