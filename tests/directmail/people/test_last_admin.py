"""There is always an admin, whoever acts at the same time."""

import threading

import pytest
from django.db import connection, transaction

from directmail.models import Operator
from directmail.people import services
from directmail.people.services import PersonRefused


def make_admin(name: str) -> Operator:
    return Operator.objects.create_user(f"{name}@example.com", role="admin")


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["deactivate", "remove", "change_role"])
def test_the_last_admin_cannot_go(act: str) -> None:
    last, other = make_admin("last"), Operator(pk=0)
    Operator.objects.create_user("gone@example.com", role="admin", is_active=False)
    more = {"role": "viewer"} if act == "change_role" else {}
    with pytest.raises(PersonRefused, match=r"^This is the last admin\."):
        getattr(services, act)(last, by=other, **more)
    assert Operator.objects.admins().get() == last


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_take_each_other_s_role_away_leave_one() -> None:
    first, second = make_admin("first"), make_admin("second")
    refused: list[str] = []

    def as_second() -> None:
        try:
            services.change_role(first, role="viewer", by=second)
        except PersonRefused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    other = threading.Thread(target=as_second)
    with transaction.atomic():
        services.change_role(second, role="viewer", by=first)
        other.start()  # and waits for this transaction
    other.join(timeout=60)
    assert not other.is_alive()
    assert len(refused) == 1
    assert Operator.objects.admins().get() == first
