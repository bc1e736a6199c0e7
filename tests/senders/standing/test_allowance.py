"""What level, warm-up and brake come to together."""

import pytest

from senders.policies.policy import Limits
from senders.standing.allowance import Terms, WarmUp, allowance_of
from senders.standing.defaults import LEVELS, WARM_UP_DAYS, warm_up

_LEAST = Limits(50, 500, 10)


def make_terms(**changes: object) -> Terms:
    values: dict[str, object] = {
        "mail_type": "batch", "level": 5, "of_level": Limits(1_000, 10_000, 100),
        "of_least_level": _LEAST,
    }  # fmt: skip
    return Terms(**{**values, **changes})  # type: ignore[arg-type]


def test_an_address_may_send_what_its_level_allows() -> None:
    found = allowance_of(make_terms())
    assert (found.limits, found.cause, found.is_halted) == (
        Limits(1_000, 10_000, 100), "level", False
    )  # fmt: skip
    assert found.reason == "its sender address is at level 5 of 10"


def test_trigger_mail_has_no_pace() -> None:
    limits = Limits(1_000, 10_000, None)
    assert allowance_of(make_terms(mail_type="trigger")).limits == limits
    braked = allowance_of(make_terms(mail_type="trigger", brake="complaints"))
    assert braked.limits == Limits(50, 500, None)


def test_what_an_admin_decided_is_said_to_be_so() -> None:
    assert allowance_of(make_terms(is_limited=True)).cause == "limit"


def test_a_warm_up_lowers_the_daily_quota_alone() -> None:
    found = allowance_of(make_terms(warm_ups=[WarmUp("address", 3, 28, 3_100)]))
    assert (found.limits, found.cause) == (Limits(1_000, 3_100, 100), "warm-up")
    assert found.reason == "its sender address is new and on day 3 of 28 of its warm-up"


def test_the_smaller_of_two_warm_ups_holds_and_a_domain_is_shared() -> None:
    plans = [WarmUp("address", 1, 28, 2_000), WarmUp("domain", 1, 28, 500, shared_by=2)]
    found = allowance_of(make_terms(warm_ups=plans))
    assert found.limits.per_day == 250
    assert found.reason.startswith("its sender domain is new")


def test_a_warm_up_that_allows_more_than_the_level_changes_nothing() -> None:
    found = allowance_of(make_terms(warm_ups=[WarmUp("address", 20, 28, 90_000)]))
    assert (found.limits.per_day, found.cause) == (10_000, "level")


def test_a_share_of_a_small_day_is_never_nothing() -> None:
    assert WarmUp("domain", 1, 28, 500, shared_by=900).share == 1


@pytest.mark.parametrize(("mail_type", "is_halted"), [("batch", True), ("trigger", False)])
def test_the_brake_halts_batch_mail_and_leaves_trigger_mail_little(
    mail_type: str, is_halted: bool
) -> None:
    braked = make_terms(mail_type=mail_type, brake="hard-bounces", trouble_count=66, trouble_of=900)
    found = allowance_of(braked)
    assert (found.cause, found.is_halted) == ("brake", is_halted)
    assert (found.limits.per_hour, found.limits.per_day) == (50, 500)
    assert found.reason.startswith("66 of its last 900 mails went to mailboxes that do not exist")


def test_the_brake_says_whether_people_complained() -> None:
    found = allowance_of(make_terms(brake="complaints", trouble_count=3, trouble_of=900))
    assert found.reason.startswith("3 of its last 900 mails were complained about")


def test_each_level_allows_no_less_than_the_one_below() -> None:
    for level in range(1, 10):
        assert LEVELS[level].and_also(LEVELS[level + 1]) == LEVELS[level]


@pytest.mark.parametrize("plan", ["address", "domain"])
def test_a_warm_up_grows_every_day(plan: str) -> None:
    days = warm_up(plan)
    assert len(days) == WARM_UP_DAYS
    assert list(days) == sorted(set(days))
    assert days[-1] > 300 * days[0]
