"""Quotas at the door: what is accepted, what is answered, and that it agrees with the mail log."""

import asyncio
import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F, Sum

from senders.models import SenderAddress
from smtp_gateway import loop_database
from smtp_gateway.identity import Sender
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.models import Delivery, QuotaCount, QuotaHolder, QuotaLease, RefusedMail
from smtp_gateway.quota.store import QuotaStore
from smtp_gateway.submission.quotas import Lease, Quotas
from tests.senders.deciding import decide
from tests.smtp_gateway.stopping import backend_of, stopped
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    Gateway,
    Line,
    as_data,
    eventually,
    make_sender,
    run_gateway,
)

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
AT_ONE = "try again at 2026-11-23 13:00:00 UTC, in 1800 seconds"


def set_policy(mail_type: str = "trigger", **changes: object) -> None:
    decide(mail_type, **changes)


def mail_to(*recipients: str) -> list[Line]:
    named = [f"RCPT TO:<{recipient}>" for recipient in recipients]
    return [f"MAIL FROM:<{APP}>", *named, "DATA", as_data(MAIL)]


def people(count: int, name: str = "ann") -> list[str]:
    return [f"{name}{number}@home.example" for number in range(count)]


async def send(gateway: Gateway, recipients: Sequence[str]) -> str:
    """The reply to the whole mail."""
    return (await gateway.talk(mail_to(*recipients)))[-1]


def accepted() -> int:
    return int(Delivery.objects.count())


def used() -> dict[tuple[str, str], int]:
    """By subject and period what counts say when unused parts of leases are taken off."""
    unused = QuotaLease.objects.aggregate(number=Sum(F("granted") - F("used")))["number"] or 0
    return {
        (count.subject, count.period): count.taken - unused for count in QuotaCount.objects.all()
    }


@pytest.fixture
async def at_noon(gateway: Gateway) -> Gateway:
    gateway.services.now = lambda: NOON
    return gateway


async def test_what_is_accepted_is_counted_by_hour_and_day_of_address_and_type(at_noon):
    await send(at_noon, people(3))
    await send(at_noon, people(2))
    assert await at_noon.database(used) == {
        (f"address:{APP}", "hour"): 5,
        (f"address:{APP}", "day"): 5,
        ("type:trigger", "hour"): 5,
        ("type:trigger", "day"): 5,
    }


async def test_a_mail_beyond_the_quota_is_refused_as_a_whole_with_the_time(at_noon):
    await at_noon.database(lambda: set_policy(address_per_hour=5))
    assert (await send(at_noon, people(3))).startswith("250")
    reply = await send(at_noon, people(3, "bob"))
    assert reply == (
        f"451 4.7.1 Quota of 5 recipients per hour of this sender address reached, 2 left; {AT_ONE}"
    )
    assert (await send(at_noon, people(2, "bob"))).startswith("250")
    assert await at_noon.database(accepted) == 5


async def test_recipients_beyond_a_quota_that_is_known_to_be_reached_are_refused_one_by_one(
    at_noon,
):
    await at_noon.database(lambda: set_policy(address_per_hour=1))
    async with at_noon.session() as client:
        await client.talk(mail_to(*people(1)))
        assert (await client.talk(mail_to(*people(1))))[-1].startswith("451 4.7.1 Quota of 1")
        replies = await client.talk(mail_to(*people(1))[:2])
    assert replies[1] == (
        f"452 4.5.3 Quota of 1 recipients per hour of this sender address reached, 0 left; {AT_ONE}"
    )


async def test_the_next_hour_has_a_quota_of_its_own_and_the_day_goes_on(at_noon):
    await at_noon.database(lambda: set_policy(address_per_hour=2, address_per_day=3))
    assert (await send(at_noon, people(2))).startswith("250")
    assert (await send(at_noon, people(1))).startswith("451")
    at_noon.services.now = lambda: NOON.replace(hour=13)
    assert (await send(at_noon, people(1))).startswith("250")
    reply = await send(at_noon, people(1))
    assert "Quota of 3 recipients per day" in reply
    assert reply.endswith("try again at 2026-11-24 00:00:00 UTC, in 37800 seconds")


async def test_addresses_of_one_type_share_the_quota_of_the_organisation(at_noon):
    await at_noon.database(lambda: set_policy(organisation_per_hour=4))
    await at_noon.database(lambda: make_sender("other@shop.example"))
    assert (await send(at_noon, people(3))).startswith("250")
    async with at_noon.session("other@shop.example") as client:
        mail = as_data(MAIL.replace("app@shop", "other@shop"))
        rcpts = [f"RCPT TO:<{each}>" for each in people(2)]
        replies = await client.talk(["MAIL FROM:<other@shop.example>", *rcpts, "DATA", mail])
    assert replies[-1].startswith(
        "451 4.7.1 Quota of 4 recipients per hour of its mail type reached, 1 left"
    )


async def test_a_quota_that_an_admin_raises_holds_within_seconds(at_noon):
    await at_noon.database(lambda: set_policy(address_per_hour=1))
    assert (await send(at_noon, people(1))).startswith("250")
    assert (await send(at_noon, people(1))).startswith("451")
    await at_noon.database(lambda: set_policy(address_per_hour=9))

    async def is_accepted() -> bool:
        return (await send(at_noon, people(1))).startswith("250")

    assert await eventually(is_accepted, 30)


async def test_a_quota_that_an_admin_lowers_holds_whatever_was_leased(at_noon):
    await at_noon.database(lambda: set_policy(address_per_hour=1_000))
    assert (await send(at_noon, people(1))).startswith("250")
    await at_noon.database(lambda: set_policy(address_per_hour=2))

    async def is_refused() -> bool:
        return "Quota of 2" in await send(at_noon, people(3))

    assert await eventually(is_refused, 30)
    assert await at_noon.database(accepted) <= 4


async def test_a_mail_that_the_policy_refuses_takes_nothing_of_the_quota(at_noon):
    await at_noon.database(lambda: set_policy(address_per_hour=1))
    foreign = MAIL.replace("app@shop", "foreign@shop")
    assert (await at_noon.submit(foreign)).startswith("550")
    assert (await send(at_noon, people(1))).startswith("250")


async def test_refused_mail_is_shown_in_the_mail_log(at_noon):
    await at_noon.database(lambda: set_policy(address_per_hour=1))
    await send(at_noon, people(2))

    async def refused() -> list[tuple[str, int, str]]:
        await at_noon.services.background[0].flush()
        rows = RefusedMail.objects.values_list("code", "recipient_count", "reply")
        return await at_noon.database(lambda: list(rows))

    ((code, count, reply),) = await eventually(refused)
    assert (code, count) == ("quota-reached", 2)
    assert re.search(r"Quota of 1 recipients per hour.*in \d+ seconds", reply, re.DOTALL)


async def test_gateways_together_accept_exactly_the_quota(
    sender: SenderAddress, tls_context: ssl.SSLContext, at_noon: Gateway
) -> None:
    await at_noon.database(lambda: set_policy(address_per_hour=150))
    async with run_gateway(tls_context) as other:
        other.services.now = lambda: NOON

        async def send_some(gateway: Gateway) -> None:
            async with gateway.session() as client:
                for _ in range(60):
                    *envelope, data, mail = mail_to(*people(2))
                    mail_reply, *rcpt_replies = await client.talk(envelope)
                    assert mail_reply.startswith("250")
                    is_for_somebody = any(reply.startswith("250") for reply in rcpt_replies)
                    await client.talk([data, mail] if is_for_somebody else ["RSET"])

        await asyncio.gather(*(send_some(each) for each in (at_noon, other) * 2))

        async def all_is_used() -> bool:
            # What one holds unused comes back to the other.
            await send(at_noon, people(1))
            return await at_noon.database(accepted) >= 150

        assert await eventually(all_is_used, 60)
        for each in (at_noon, other, at_noon, other):
            assert (await send(each, people(1)))[:3] in ("451", "503", "500")
    assert await at_noon.database(accepted) == 150


async def test_a_gateway_that_ends_gives_back_what_it_did_not_use(
    sender: SenderAddress, tls_context: ssl.SSLContext, at_noon: Gateway
) -> None:
    async with run_gateway(tls_context) as other:
        other.services.now = lambda: NOON
        await send(other, people(3))
        assert await at_noon.database(QuotaLease.objects.count) == 1
    assert await at_noon.database(QuotaLease.objects.count) == 0
    assert await at_noon.database(QuotaHolder.objects.count) == 0
    assert (await at_noon.database(used))[f"address:{APP}", "hour"] == 3


async def test_who_waits_for_a_question_that_gets_no_answer_asks_none_of_its_own(
    at_noon: Gateway, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    assert (await send(at_noon, people(1))).startswith("250")
    database = LoopDatabase(statement_timeout=timedelta(seconds=30))
    request.addfinalizer(database.drop)
    quotas = Quotas(QuotaStore(database))
    ada, bob, cid = (
        Sender(f"{name}@shop.example", "trigger", is_suspended=False)
        for name in ("ada", "bob", "cid")
    )
    assert isinstance(await quotas.ask(ada, 1, NOON), Lease)
    with stopped([await backend_of(database)]):
        monkeypatch.setattr(loop_database, "_GRACE_SECONDS", -29.5)
        asked = [quotas.ask(each, 1, NOON) for each in (bob, cid, bob, cid)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    monkeypatch.undo()
    assert [str(answer) for answer in answers] == [
        "the database does not answer",
        *["the database did not answer who asked before"] * 3,
    ]
    assert isinstance(await quotas.ask(bob, 1, NOON), Lease)
    await quotas.flush()


async def test_a_worker_that_was_taken_for_dead_accepts_nothing_under_what_it_lost(at_noon):
    await send(at_noon, people(1))
    await at_noon.database(lambda: QuotaLease.objects.all().delete())
    assert (await send(at_noon, people(1))).startswith("451 4.3.0")
    assert (await send(at_noon, people(1))).startswith("250")
    assert await at_noon.database(accepted) == 2
