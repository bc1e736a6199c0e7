"""What addresses may send, read from the tables."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from senders.models import SenderAddress, Standing, StandingLevel, WarmUpDay
from senders.policies.policy import Limits
from senders.services import set_smtp_password
from senders.standing.defaults import LEVELS, warm_up
from senders.standing.reading import allowance, allowances
from smtp_gateway import directory
from tests.senders.domains.factories import make_domain
from tests.senders.factories import PASSWORD, make_sender

pytestmark = pytest.mark.django_db


def test_a_new_address_is_neutral_and_its_policy_alone_limits_it() -> None:
    found = allowance(make_sender(), timezone.now())
    assert (found.level, found.limits, found.cause) == (5, LEVELS[5], "level")


def test_an_admin_changes_what_a_level_allows() -> None:
    StandingLevel.objects.create(level=5, per_hour=10, per_day=20, pace_per_minute=None)
    assert allowance(make_sender(), timezone.now()).limits == Limits(10, 20, None)


@pytest.mark.parametrize(
    ("decided", "level"),
    [({"cap": 4}, 4), ({"cap": 9}, 7), ({"fixed_level": 9}, 9), ({"cap": 2, "fixed_level": 3}, 3)],
    ids=["capped", "cap above", "fixed", "both"],
)
def test_an_admin_decides_over_the_numbers(decided: dict[str, Any], level: int) -> None:
    sender = make_sender()
    Standing.objects.create(sender=sender, level=7, **decided)
    assert allowance(sender, timezone.now()).level == level


def test_what_is_no_sender_address_has_no_allowance() -> None:
    sender, now = make_sender(), timezone.now()
    assert set(allowances([sender.address, "else@example.com"], now)) == {sender.address}


def test_the_gateway_reads_all_of_them_at_once(django_assert_max_num_queries: Any) -> None:
    senders = [make_sender() for _ in range(3)]
    make_domain("example.com", state="verified")
    with django_assert_max_num_queries(6):
        found = directory.every_allowance(timezone.now())
    assert set(found) == {sender.address for sender in senders}


def test_mail_of_a_domain_that_nobody_verified_stays_here_and_burns_nothing() -> None:
    assert allowance(make_sender(), timezone.now()).warm_up is None


def test_a_new_address_of_a_new_domain_starts_with_little() -> None:
    make_domain("example.com", state="verified")
    found = allowance(make_sender("a@example.com"), timezone.now())
    assert (found.cause, found.limits.per_day) == ("warm-up", warm_up("domain")[0])


def test_the_plan_goes_on_from_the_day_of_the_first_mail() -> None:
    make_domain("example.com", state="verified")
    now = timezone.now()
    sender = make_sender("a@example.com")
    Standing.objects.create(sender=sender, warm_up_began_at=now - timedelta(days=3))
    found = allowance(sender, now).warm_up
    assert found is not None
    assert (found.plan, found.day, found.per_day) == ("domain", 4, warm_up("domain")[3])


def test_a_new_address_of_an_old_domain_has_a_warm_up_of_its_own() -> None:
    make_domain("example.com", state="verified")
    now = timezone.now()
    Standing.objects.create(
        sender=make_sender("old@example.com"), warm_up_began_at=now - timedelta(days=90)
    )
    found = allowance(make_sender("new@example.com"), now).warm_up
    assert found is not None
    assert (found.plan, found.day, found.per_day) == ("address", 1, warm_up("address")[0])


def test_addresses_of_a_new_domain_share_its_day() -> None:
    make_domain("example.com", state="verified")
    first, _ = make_sending("a@example.com"), make_sending("b@example.com")
    assert allowance(first, timezone.now()).limits.per_day == warm_up("domain")[0] // 2


def make_sending(address: str, **changes: Any) -> SenderAddress:
    """One as which an application can log in, unless `changes` say otherwise."""
    sender = make_sender(address, **changes)
    set_smtp_password(sender, password=PASSWORD)
    return sender


def test_addresses_that_cannot_send_leave_their_share_to_the_others() -> None:
    make_domain("example.com", state="verified")
    now = timezone.now()
    sending = make_sending("a@example.com")
    unused = make_sender("no-password@example.com")
    make_sending("suspended@example.com", suspended_at=now)
    halted = make_sending("halted@example.com", mail_type="batch")
    Standing.objects.create(sender=halted, brake="complaints", braked_at=now)
    assert allowance(sending, now).limits.per_day == warm_up("domain")[0]
    assert allowance(unused, now).limits.per_day == warm_up("domain")[0] // 2


def test_a_braked_trigger_address_keeps_its_share() -> None:
    make_domain("example.com", state="verified")
    now = timezone.now()
    sending, braked = make_sending("a@example.com"), make_sending("b@example.com")
    Standing.objects.create(sender=braked, brake="complaints", braked_at=now)
    assert allowance(sending, now).limits.per_day == warm_up("domain")[0] // 2


def test_after_the_plan_the_level_alone_limits() -> None:
    make_domain("example.com", state="verified")
    now = timezone.now()
    sender = make_sender("a@example.com")
    Standing.objects.create(sender=sender, warm_up_began_at=now - timedelta(days=28))
    assert allowance(sender, now).warm_up is None


def test_an_admin_writes_another_plan() -> None:
    make_domain("example.com", state="verified")
    WarmUpDay.objects.create(plan="domain", day=1, per_day=7)
    assert allowance(make_sender("a@example.com"), timezone.now()).limits.per_day == 7
