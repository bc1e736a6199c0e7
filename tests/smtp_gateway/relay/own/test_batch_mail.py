"""Batch mail as the next hop gets it: a link for each recipient, and signatures that cover it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import override_settings

from senders.opting_out.links import opt_out_of
from senders.opting_out.token import OptOut
from smtp_gateway import directory
from smtp_gateway.delivery_rules.loading import load_rules
from smtp_gateway.relay.signing import Signing
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.dkim import test_mailauth
from tests.smtp_gateway.relay.dkim.verifying import verdicts
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.own.test_list_fields import PAIR
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import until
from tests.smtp_gateway.relay.test_signed_mail import make_active_keys

FROM = "news@example.com"
MAIL = b"From: news@example.com\r\nTo: all@example.net\r\nSubject: News\r\n\r\nAll of it.\r\n"
RECIPIENTS = [f"r{number}@example.net" for number in range(5)]


@pytest.fixture
def signing(database: Queue) -> Iterator[Signing]:
    signing = Signing(
        directory.find_signing_keys, database.bridge, remembered=timedelta(0), own_domain="own.test"
    )
    yield signing
    signing.close()


async def sent(
    database: Queue, signing: Signing | None, *recipients: str, **changes: object
) -> list[tuple[list[str], bytes]]:
    """Recipients and content of each transaction that one mail came to."""
    values: dict[str, object] = {
        "mail_type": "batch", "sender_address": FROM, "mail_from": FROM, "content": MAIL, **changes
    }  # fmt: skip
    with override_settings(PUBLIC_URL="https://mail.example.com"):
        making = (await database.do(load_rules)).making
        await database.do(enqueue, *recipients, **values)
        async with (
            ScriptedHop().running() as hop,
            running_relay(hop, signing=signing, making=making),
        ):
            await until(lambda: sum(len(t.recipients) for t in hop.taken) == len(recipients))
    return sorted((list(taken.recipients), taken.content) for taken in hop.taken)


def link_in(content: bytes) -> str:
    found = re.search(rb"^List-Unsubscribe: <(https://[^>]+)>", content, re.MULTILINE)
    assert found is not None
    return found[1].decode()


async def test_each_recipient_has_a_transaction_and_a_link_of_its_own(database: Queue) -> None:
    transactions = await sent(database, None, *RECIPIENTS)
    assert [recipients for recipients, _ in transactions] == [[each] for each in RECIPIENTS]
    tokens = [
        link_in(content).removeprefix("https://mail.example.com/u/") for _, content in transactions
    ]
    assert [opt_out_of(token) for token in tokens] == [OptOut(FROM, to) for to in RECIPIENTS]


async def test_the_mail_itself_stands_byte_for_byte_behind_what_is_added(database: Queue) -> None:
    ((_, content),) = await sent(database, None, "to@example.net")
    added, rest = content[: -len(MAIL)], content[-len(MAIL) :]
    assert rest == MAIL
    assert [line.partition(b":")[0] for line in added.splitlines()] == [
        b"List-Unsubscribe",
        b"List-Unsubscribe-Post",
        b"Precedence",
    ]


async def test_dkimpy_accepts_signatures_that_cover_both_fields(
    database: Queue, signing: Signing
) -> None:
    records = await database.do(make_active_keys, "example.com")
    transactions = await sent(database, signing, *RECIPIENTS)
    for _, content in transactions:
        assert verdicts(content, records) == [True, True]
        unfolded = content.replace(b"\r\n\t", b"")
        assert unfolded.count(b":list-unsubscribe:list-unsubscribe:list-unsubscribe-post") == 2


async def test_a_link_that_was_changed_on_the_way_breaks_the_signatures(
    database: Queue, signing: Signing
) -> None:
    records = await database.do(make_active_keys, "example.com")
    ((_, content),) = await sent(database, signing, "to@example.net")
    assert verdicts(content.replace(b"/u/", b"/v/"), records) == [False, False]
    without_post = content.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"")
    assert verdicts(without_post, records) == [False, False]


@test_mailauth.pytestmark
async def test_mailauth_accepts_them_too(database: Queue, signing: Signing, tmp_path) -> None:
    records = await database.do(make_active_keys, "example.com")
    transactions = await sent(database, signing, *RECIPIENTS)
    found = test_mailauth.results(tmp_path, [content for _, content in transactions], records)
    assert found == [["pass", "pass"]] * len(RECIPIENTS)


async def test_trigger_mail_has_no_link_and_goes_to_all_at_once(database: Queue) -> None:
    transactions = await sent(database, None, *RECIPIENTS, mail_type="trigger")
    ((recipients, content),) = transactions
    assert (sorted(recipients), content) == (RECIPIENTS, MAIL)


async def test_a_complete_pair_of_its_own_is_kept(database: Queue) -> None:
    ((_, content),) = await sent(database, None, "to@example.net", content=PAIR + MAIL)
    assert content == b"Precedence: bulk\r\n" + PAIR + MAIL


async def test_half_a_pair_of_its_own_makes_room_for_ours(database: Queue) -> None:
    half = b"List-Unsubscribe: <mailto:leave@example.com>\r\nPrecedence: list\r\n"
    ((_, content),) = await sent(database, None, "to@example.net", content=half + MAIL)
    assert content.lower().count(b"list-unsubscribe:") == 1
    assert content.endswith(b"One-Click\r\nPrecedence: list\r\n" + MAIL)
    assert link_in(content).startswith("https://mail.example.com/u/")
