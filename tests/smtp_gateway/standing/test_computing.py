"""Levels from real counts."""

from datetime import UTC, datetime, timedelta

import pytest

from senders.models import SenderAddress, Standing, StandingChange
from senders.standing.services import limit_level
from senders.suppressions.importing import import_list
from senders.suppressions.services import lift
from smtp_gateway.models import ReturnedMail
from smtp_gateway.standing.collecting import Known, records
from smtp_gateway.standing.computing import add_rows, begin_warm_ups, compute_due, compute_now
from smtp_gateway.standing.formula import Record
from tests.senders.factories import make_sender
from tests.smtp_gateway.standing.counted import come_back, count, count_day, days_before, opt_out

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
A = "a@example.com"


def compute(now: datetime = NOON) -> Standing:
    """As the worker does it each minute; the standing of A."""
    add_rows()
    begin_warm_ups()
    compute_due(now)
    return Standing.objects.get(sender__address=A)


def good_sender() -> SenderAddress:
    sender = make_sender(A)
    for day in range(29):
        count_day(A, days_before(NOON, day), relayed=100)
    return sender


def test_the_numbers_are_those_of_thirty_days() -> None:
    make_sender(A)
    count_day(A, days_before(NOON, 30), relayed=5_000)
    count_day(A, days_before(NOON, 29), relayed=700, hard_bounces=20)
    count_day(A, NOON, relayed=500)
    count(A, "expired", 5, NOON, reason="lifetime-over")
    count(A, "bounced", 3, NOON, reason="mailbox-full")
    count(A, "bounced", 80, NOON, reason="suppressed")
    count(A, "kept", 999, NOON)
    count("else@example.com", "relayed", 7, NOON)
    come_back(A, NOON, kind="failed", times=4)
    come_back(A, NOON, kind="complaint", times=2)
    opt_out(A, NOON, times=3)
    found = records({A: Known(10_000, days_before(NOON, 40))}, NOON)
    assert found == {
        A: Record(
            relayed=1_200, given_up=28, came_back=4, hard_bounces=24, complaints=2, opt_outs=3,
            days_sent=2, quota_used_percent=6, age_days=40,
        )
    }  # fmt: skip


def test_what_one_recipient_sends_back_counts_once() -> None:
    make_sender(A)
    count_day(A, NOON, relayed=500)
    come_back(A, NOON, kind="failed", times=12, recipient="eve@example.net")
    come_back(A, NOON, kind="complaint", times=12, recipient="EVE@example.net")
    count(A, "returned", 12, NOON, reason="no-such-mailbox")
    (found,) = records({A: Known(None, NOON)}, NOON).values()
    assert (found.hard_bounces, found.came_back, found.complaints) == (1, 1, 1)


def test_an_old_list_of_opt_outs_is_no_sign_of_how_its_mail_is_liked() -> None:
    make_sender(A)
    count_day(A, NOON, relayed=500)
    choices = {"reason": "opt-out", "sender_address": A}
    import_list([f"old{number}@example.net" for number in range(30)], choices, NOON)
    opt_out(A, NOON, times=2)
    (found,) = records({A: Known(None, NOON)}, NOON).values()
    assert found.opt_outs == 2


def test_who_opts_out_again_and_again_counts_once() -> None:
    make_sender(A)
    count_day(A, NOON, relayed=500)
    for again in range(3):
        # Lifted in between by somebody else, so that each is a row of its own.
        lift(opt_out(A, NOON, times=2), why=f"round {again}", now=NOON)
    opt_out(A, NOON, times=1)
    (found,) = records({A: Known(None, NOON)}, NOON).values()
    assert found.opt_outs == 2


def test_what_came_back_for_a_passing_reason_has_not_arrived_but_is_no_hard_bounce() -> None:
    make_sender(A)
    count_day(A, NOON, relayed=500)
    come_back(A, NOON, kind="failed", times=3)
    ReturnedMail.objects.update(is_counted=False)
    (found,) = records({A: Known(None, NOON)}, NOON).values()
    assert (found.hard_bounces, found.came_back) == (0, 3)


def test_what_never_left_is_no_number() -> None:
    make_sender(A)
    count(A, "accepted", 900, NOON)
    count(A, "kept", 900, NOON)
    standing = compute()
    assert (standing.level, standing.warm_up_began_at) == (5, None)
    assert standing.parts == [{"name": "not-enough", "number": 0, "of": 100, "points": 0}]


def test_the_level_rises_by_one_a_day_and_each_change_has_its_numbers() -> None:
    sender = good_sender()
    assert compute().level == 6
    assert compute().level == 6
    assert compute(NOON + timedelta(days=1)).level == 7
    changes = list(StandingChange.objects.filter(sender=sender).order_by("id"))
    assert [(each.from_level, each.to_level) for each in changes] == [(5, 6), (6, 7)]
    assert {part["name"]: part["points"] for part in changes[0].parts} == {
        "arrived": 1, "hard-bounces": 1, "complaints": 1, "opt-outs": 0, "quota-used": 0,
        "age": 1, "volume": 0,
    }  # fmt: skip


def test_a_worker_that_was_away_for_days_makes_one_step() -> None:
    good_sender()
    compute()
    assert compute(NOON + timedelta(days=3)).level == 7


def test_a_level_falls_at_once() -> None:
    sender = good_sender()
    compute()
    count_day(A, NOON, relayed=0, hard_bounces=400)
    assert compute().level == 6
    compute_now([A], NOON)
    standing = Standing.objects.get(sender=sender)
    # -3 for what arrived, -4 for hard bounces, +1 for no complaints, +1 for age.
    assert standing.level == 1
    change = StandingChange.objects.filter(sender=sender).latest("id")
    assert {"name": "hard-bounces", "number": 400, "of": 3_300, "points": -4} in change.parts


def test_computed_at_once_a_level_does_not_rise_twice_a_day() -> None:
    good_sender()
    compute()
    compute_now([A], NOON)
    assert Standing.objects.get(sender__address=A).level == 6


def test_the_cap_of_an_admin_hides_what_the_numbers_say() -> None:
    sender = good_sender()
    limit_level(sender, cap=5, fixed_level=None, reason="new shop", decided_by="x", now=NOON)
    standing = compute()
    assert (standing.level, standing.shown_level) == (6, 5)
    assert not StandingChange.objects.filter(kind="numbers").exists()


def test_a_warm_up_begins_with_the_first_mail_that_left() -> None:
    make_sender(A)
    count(A, "kept", 5, days_before(NOON, 9))
    count(A, "relayed", 5, days_before(NOON, 3))
    began_at = compute().warm_up_began_at
    assert began_at == days_before(NOON, 3).replace(hour=0)


def test_several_addresses_are_computed_in_a_few_statements(
    django_assert_max_num_queries: object,
) -> None:
    for number in range(12):
        make_sender(f"a{number}@example.com")
    add_rows()
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert compute_due(NOON) == 12
    assert compute_due(NOON) == 0
