"""What a log-in reads of a standing is what the allowance says."""

from typing import Any

import pytest
from django.utils import timezone

from senders.models import Standing, StandingLevel
from senders.policies.policy import Limits
from senders.standing.keeping import keep_allowances
from senders.standing.services import limit_level, release_brake, set_levels, set_plan
from senders.standing_rows import Plan
from smtp_gateway.directory import find_senders
from tests.senders.domains.factories import make_domain
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db

A = "a@example.com"


def make_standing(**changes: Any) -> Standing:
    standing: Standing = Standing.objects.create(
        sender=make_sender(A, mail_type=changes.pop("mail_type", "batch")), **changes
    )
    return standing


def quota() -> tuple[int | None, int | None]:
    found = find_senders([A])[A].policy.quota
    return found.address_per_hour, found.address_per_day


def test_an_address_without_a_standing_has_the_quota_of_its_policy() -> None:
    make_sender(A, mail_type="batch")
    assert quota() == (5_000, 50_000)
    assert find_senders([A])[A].policy.halted == ""


def test_the_gateway_sees_the_smaller_of_policy_and_level() -> None:
    make_standing(level=3)
    assert keep_allowances(timezone.now()) == 1
    assert quota() == (1_000, 10_000)
    assert keep_allowances(timezone.now()) == 0


def test_the_gateway_sees_the_brake_and_its_reason() -> None:
    now = timezone.now()
    make_standing(brake="complaints", braked_at=now, trouble_count=3, trouble_of=900)
    keep_allowances(now, [A])
    assert find_senders([A])[A].policy.halted.startswith("3 of its last 900 mails")


def test_a_decision_of_an_admin_is_seen_at_once() -> None:
    now = timezone.now()
    standing = make_standing(brake="complaints", braked_at=now)
    keep_allowances(now)
    release_brake(standing.sender, reason="done", decided_by="x", now=now)
    assert find_senders([A])[A].policy.halted == ""
    limit_level(standing.sender, cap=1, fixed_level=None, reason="x", decided_by="x", now=now)
    assert quota() == (50, 500)
    set_levels({1: Limits(7, 8, None)}, now=now)
    assert quota() == (7, 8)
    StandingLevel.objects.all().delete()
    make_domain("example.com", state="verified")
    set_plan(Plan.DOMAIN, [3, 4], now=now)
    assert quota() == (50, 3)
