"""When the alarm goes off, and when the brake lets go."""

from datetime import UTC, datetime, timedelta

import pytest

from smtp_gateway.standing.alarm import Recently, judge, lets_go

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def found(recently: Recently) -> tuple[str, str] | None:
    alarm = judge(recently)
    return (alarm.trouble, alarm.grade) if alarm else None


@pytest.mark.parametrize(
    ("hard_bounces", "ended", "expected"),
    [
        (1, 3, None), (9, 20, None), (10, 99, None), (9, 180, ("hard-bounces", "warning")),
        (10, 200, ("hard-bounces", "brake")), (10, 201, ("hard-bounces", "warning")),
        (30, 1_000, ("hard-bounces", "warning")), (29, 1_000, None), (5, 100, None),
    ],
    ids=["1-of-3", "9-of-20", "10-of-99", "9-of-180", "10-of-200", "10-of-201", "30-of-1000",
         "29-of-1000", "5-of-100"],
)  # fmt: skip
def test_five_percent_of_hard_bounces_brake_where_they_are_many(
    hard_bounces: int, ended: int, expected: tuple[str, str] | None
) -> None:
    assert found(Recently(hard_bounces=hard_bounces, ended=ended)) == expected


@pytest.mark.parametrize(
    ("complaints", "relayed", "expected"),
    [
        (1, 100, None), (1, 500, None), (2, 2_000, ("complaints", "warning")), (2, 2_001, None),
        (3, 1_000, ("complaints", "brake")), (3, 1_001, ("complaints", "warning")),
        (3, 499, None),
    ],
    ids=["1-of-100", "1-of-500", "2-of-2000", "2-of-2001", "3-of-1000", "3-of-1001", "3-of-499"],
)  # fmt: skip
def test_complaints_warn_at_one_in_a_thousand_and_brake_at_three(
    complaints: int, relayed: int, expected: tuple[str, str] | None
) -> None:
    assert found(Recently(complaints=complaints, relayed=relayed)) == expected


@pytest.mark.parametrize(
    ("recently", "expected"),
    [
        (Recently(complaints=10, relayed=400), ("complaints", "brake")),
        (Recently(complaints=9, relayed=400), None),
        (Recently(complaints=10, relayed=667), ("complaints", "brake")),
        (Recently(hard_bounces=30, ended=60), ("hard-bounces", "brake")),
        (Recently(hard_bounces=29, ended=60), None),
        (Recently(hard_bounces=99, ended=99), ("hard-bounces", "brake")),
        (Recently(complaints=100, relayed=499, hard_bounces=99, ended=99), ("complaints", "brake")),
        (Recently(), None),
    ],
    ids=["10-complaints-of-400", "9-of-400", "10-of-667", "30-bounces-of-60", "29-of-60",
         "all-of-99", "both", "nothing"],
)  # fmt: skip
def test_far_beyond_the_limit_a_number_alone_brakes(
    recently: Recently, expected: tuple[str, str] | None
) -> None:
    assert found(recently) == expected


def test_a_brake_goes_before_a_warning() -> None:
    both = Recently(hard_bounces=100, ended=1_000, complaints=2, relayed=1_000)
    assert found(both) == ("hard-bounces", "brake")


@pytest.mark.parametrize(
    ("hours", "recently", "expected"),
    [
        (23, Recently(), False),
        (24, Recently(), True),
        (24, Recently(hard_bounces=30, ended=1_000), False),
    ],
    ids=["too soon", "after a day", "still as bad"],
)
def test_a_brake_lets_go_after_a_day_once_its_reason_is_over(
    hours: int, recently: Recently, expected: bool
) -> None:
    assert lets_go(recently, NOON - timedelta(hours=hours), NOON) is expected
