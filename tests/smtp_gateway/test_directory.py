"""The reader of sender addresses asks once for as many as are wanted."""

import asyncio

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from senders import services
from senders.models import SenderAddress
from smtp_gateway import directory
from smtp_gateway.identity import Sender
from smtp_gateway.loop_database import LoopDatabase

pytestmark = pytest.mark.django_db


def test_many_addresses_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for name, mail_type in (("a", "trigger"), ("b", "batch"), ("c", "trigger")):
        services.create_sender_address(
            address=f"{name}@x.example", mail_type=mail_type, now=timezone.now()
        )
    with django_assert_num_queries(1):
        found = directory.find_senders(["a@x.example", "nobody@x.example", "b@x.example"])
    assert found == {
        "a@x.example": Sender("a@x.example", "trigger", "", False),
        "b@x.example": Sender("b@x.example", "batch", "", False),
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
