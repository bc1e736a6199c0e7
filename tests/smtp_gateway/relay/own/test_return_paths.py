"""The envelope sender as the next hop gets it: a return path for each delivery."""

from datetime import UTC

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from smtp_gateway import directory
from smtp_gateway.delivery_rules.loading import load_rules
from smtp_gateway.dsn import RecipientDsn
from smtp_gateway.models import Delivery, Message
from smtp_gateway.relay.signing import Signing
from smtp_gateway.return_path.address import opened
from smtp_gateway.return_path.token import derive_keys
from tests.senders.domains.factories import make_domain
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.dkim.verifying import verdicts
from tests.smtp_gateway.relay.next_hop import USUAL, ScriptedHop, TakenMail
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import until
from tests.smtp_gateway.relay.test_signed_mail import make_active_keys

RECIPIENTS = [f"r{number}@example.net" for number in range(3)]
MAIL = b"From: app@example.com\r\nSubject: Hello\r\n\r\nHello.\r\n"


def make_verified_domain() -> None:
    make_domain(state="verified", return_path_verified_at=timezone.now())


async def sent(
    database: Queue, *recipients: str, signing: Signing | None = None, **changes: object
) -> list[TakenMail]:
    """The transactions that one mail came to, by recipient."""
    with override_settings(SIGN_RETURN_PATHS=True):
        making = (await database.do(load_rules)).making
    await database.do(enqueue, *recipients, content=MAIL, **changes)
    hop = ScriptedHop(extensions=(*USUAL, "DSN"))
    async with hop.running(), running_relay(hop, signing=signing, making=making):
        await until(lambda: sum(len(t.recipients) for t in hop.taken) == len(recipients))
    return sorted(hop.taken, key=lambda taken: taken.recipients)


def mail_from(taken: TakenMail) -> str:
    return taken.mail_command.partition("<")[2].partition(">")[0]


async def test_each_delivery_has_a_return_path_that_names_it(database: Queue) -> None:
    await database.do(make_verified_domain)
    transactions = await sent(database, *RECIPIENTS)
    assert [taken.recipients for taken in transactions] == [(each,) for each in RECIPIENTS]
    found = {}
    for taken in transactions:
        local_part, _, host = mail_from(taken).partition("@")
        token = opened(local_part, derive_keys([settings.SECRET_KEY]))
        assert host == "bounces.example.com"
        assert token is not None
        assert not token.is_expired(timezone.now().astimezone(UTC).date())
        found[taken.recipients[0]] = token.delivery_id
    rows = await database.do(lambda: dict(Delivery.objects.values_list("recipient", "id")))
    assert found == rows


async def test_the_mail_log_keeps_the_senders_own_address(database: Queue) -> None:
    await database.do(make_verified_domain)
    await sent(database, "to@example.net")
    kept = await database.do(lambda: Message.objects.get().mail_from)
    assert kept == "app@example.com"


async def test_without_a_verified_host_the_envelope_stays_as_it_is(database: Queue) -> None:
    await database.do(make_domain, state="verified")
    (taken,) = await sent(database, *RECIPIENTS)
    assert (mail_from(taken), len(taken.recipients)) == ("app@example.com", 3)


async def test_switched_off_the_envelope_stays_as_it_is(database: Queue) -> None:
    await database.do(make_verified_domain)
    with override_settings(SIGN_RETURN_PATHS=False):
        rules = await database.do(load_rules)
    assert rules.making.return_paths is None


async def test_what_has_the_null_sender_keeps_it(database: Queue) -> None:
    await database.do(make_verified_domain)
    (taken,) = await sent(database, "to@example.net", mail_from="", origin="system")
    assert mail_from(taken) == ""


async def test_one_signature_by_the_senders_domain_serves_all_recipients(database: Queue) -> None:
    await database.do(make_verified_domain)
    records = await database.do(make_active_keys, "example.com")
    signing = Signing(directory.find_signing_keys, database.bridge)
    transactions = await sent(database, *RECIPIENTS, signing=signing)
    signing.close()
    assert len({taken.content for taken in transactions}) == 1
    assert verdicts(transactions[0].content, records) == [True, True]


@pytest.mark.parametrize("mail_type", ["trigger", "batch"])
async def test_batch_mail_has_its_link_and_its_return_path(database: Queue, mail_type: str) -> None:
    await database.do(make_verified_domain)
    (taken,) = await sent(database, "to@example.net", mail_type=mail_type)
    assert mail_from(taken).endswith("@bounces.example.com")
    assert (b"List-Unsubscribe" in taken.content) == (mail_type == "batch")


async def test_the_next_hop_is_asked_to_tell_us_of_failures(database: Queue) -> None:
    await database.do(make_verified_domain)
    hop_asked = {"to@example.net": RecipientDsn("NEVER", "rfc822;to@example.net")}
    with override_settings(SIGN_RETURN_PATHS=True):
        making = (await database.do(load_rules)).making
    await database.do(enqueue, "to@example.net", recipient_dsn=hop_asked)
    hop = ScriptedHop(extensions=(*USUAL, "DSN"))
    async with hop.running(), running_relay(hop, making=making):
        await until(lambda: hop.taken)
    (rcpt,) = [command for command in hop.commands if command.startswith("RCPT")]
    assert "NOTIFY=FAILURE ORCPT=rfc822;to@example.net" in rcpt
