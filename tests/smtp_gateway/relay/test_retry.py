"""The ladder of delays between attempts."""

from datetime import UTC, datetime, timedelta

import pytest

from smtp_gateway.relay.retry import Ladder, lifetime_over, next_attempt_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LADDER = Ladder(timedelta(seconds=60), timedelta(hours=1))


def delay(
    attempts: int, random: float = 0.5, lifetime: timedelta = timedelta(days=9)
) -> timedelta | None:
    at = next_attempt_at(
        now=NOW,
        attempts_before=attempts,
        expires_at=NOW + lifetime,
        ladder=LADDER,
        random=random,
    )
    return at and at - NOW


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (7, 60), (100_000, 60)]
)
def test_the_delay_doubles_up_to_the_longest(attempts: int, minutes: int) -> None:
    assert delay(attempts) == timedelta(minutes=minutes)


def test_jitter_spreads_a_delay_by_a_quarter_to_both_sides() -> None:
    assert delay(0, 0.0) == timedelta(seconds=45)
    assert delay(0, 0.75) == timedelta(seconds=67.5)
    assert timedelta(seconds=74.9) < delay(0, 0.9999) < timedelta(seconds=75)  # type: ignore[operator]


def test_the_last_attempt_is_when_the_lifetime_ends() -> None:
    assert delay(9, lifetime=timedelta(minutes=10)) == timedelta(minutes=10)


@pytest.mark.parametrize("left", [timedelta(0), timedelta(seconds=-1)])
def test_there_is_no_further_attempt_after_it(left: timedelta) -> None:
    assert delay(0, lifetime=left) is None


def test_giving_up_says_so_and_keeps_the_last_reason() -> None:
    assert lifetime_over("It was busy.") == "Given up: its lifetime is over. It was busy."
