"""The reader of sender addresses and DKIM keys asks once for as many as are wanted."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from senders import dkim_services, services
from senders.models import SenderAddress
from senders.sealing import unseal
from senders.sender_domain import GRACE
from smtp_gateway import directory
from smtp_gateway.identity import Sender
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.mail_policy import MailPolicy, Quota
from smtp_gateway.signing_key import SigningKey
from tests.senders.domains.factories import make_domain

MILLION = 1_000_000
TRIGGER = MailPolicy(
    timedelta(hours=24), 100, True, Quota(500_000, 5 * MILLION, MILLION, 10 * MILLION)
)
BATCH = MailPolicy(timedelta(hours=72), 100, False, Quota(5_000, 50_000, 50_000, 500_000))
pytestmark = pytest.mark.django_db


def test_many_addresses_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for name, mail_type in (("a", "trigger"), ("b", "batch"), ("c", "trigger")):
        services.create_sender_address(
            address=f"{name}@x.example", mail_type=mail_type, now=timezone.now()
        )
    with django_assert_num_queries(1):
        found = directory.find_senders(["a@x.example", "nobody@x.example", "b@x.example"])
    assert found == {
        "a@x.example": Sender("a@x.example", "trigger", is_suspended=False, policy=TRIGGER),
        "b@x.example": Sender("b@x.example", "batch", is_suspended=False, policy=BATCH),
    }


def test_the_reader_on_the_event_loop_finds_the_same(transactional_db: None) -> None:
    names = [f"{name}@x.example" for name in "abc"]
    for name, mail_type in zip(names, ("trigger", "batch", "trigger"), strict=True):
        services.create_sender_address(address=name, mail_type=mail_type, now=timezone.now())
    SenderAddress.objects.filter(address=names[1]).update(suspended_at=timezone.now())
    asked = [*names, "nobody@x.example"]

    async def find() -> dict[str, Sender]:
        database = LoopDatabase()
        found = await directory.find_senders_on(database, asked)
        await database.close()
        return found

    found = asyncio.run(find())
    assert found == directory.find_senders(asked)
    assert found[names[1]].is_suspended


def test_the_active_keys_of_many_domains_are_few_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    now = timezone.now()
    signing = dkim_services.generate_dkim_keys("a.example", now=now)
    retired, fresh = dkim_services.generate_dkim_keys("b.example", now=now)
    for key in (*signing, retired):
        dkim_services.activate(key, now=now)
    dkim_services.retire(retired, now=now)
    with django_assert_num_queries(1):
        found = directory.find_signing_keys(["a.example"])
    # One more to know which domains are verified above those that have no keys.
    with django_assert_num_queries(2):
        found = directory.find_signing_keys(["a.example", "b.example", "nobody.example"])
    assert found == {
        "a.example": [
            SigningKey("a.example", key.selector, key.algorithm, unseal(key.sealed_private_key))
            for key in signing
        ],
        "b.example": [],
        "nobody.example": [],
    }
    assert fresh.state == "new"


def test_a_domain_without_keys_signs_by_the_verified_one_above_it() -> None:
    for domain in ("example.com", "own.example.com", "example.org"):
        for key in dkim_services.generate_dkim_keys(domain, now=timezone.now()):
            dkim_services.activate(key, now=timezone.now())
    make_domain("example.com", state="verified")
    make_domain("stopped.example.com", state="failing", failing_since=timezone.now() - GRACE)
    asked = ["a.b.example.com", "own.example.com", "stopped.example.com", "a.example.org"]
    found = directory.find_signing_keys(asked)
    assert {name: {key.domain for key in keys} for name, keys in found.items()} == {
        "a.b.example.com": {"example.com"},
        "own.example.com": {"own.example.com"},
        "stopped.example.com": set(),
        "a.example.org": set(),
    }


def test_a_key_that_cannot_be_opened_comes_empty(settings: Settings) -> None:
    rsa, _ = dkim_services.generate_dkim_keys("a.example", now=timezone.now())
    dkim_services.activate(rsa, now=timezone.now())
    settings.SECRET_KEY = "another one" * 5
    (key,) = directory.find_signing_keys(["a.example"])["a.example"]
    assert (key.selector, key.private_key) == (rsa.selector, b"")


def test_a_key_in_the_mail_path_does_not_show_itself() -> None:
    assert "secret" not in repr(SigningKey("a.example", "s", "rsa-sha256", b"secret"))
