"""The reader of sender addresses asks once for as many as are wanted."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from senders import services
from smtp_gateway import directory
from smtp_gateway.identity import Sender

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
