"""What numbers are worth which level."""

import pytest

from smtp_gateway.standing.formula import Record, next_level, score


def points(record: Record) -> dict[str, int]:
    return {part.name: part.points for part in score(record).parts}


# docs/standing.md works these through.
EXAMPLES = {
    "a shop's receipts": (
        Record(
            relayed=2_985, given_up=15, hard_bounces=9, days_sent=30, quota_used_percent=0,
            age_days=200,
        ),
        10,
        {"arrived": 1, "hard-bounces": 1, "complaints": 1, "opt-outs": 0, "quota-used": 0,
         "age": 2, "volume": 0},
    ),
    "a newsletter to a list that nobody cleaned": (
        Record(
            relayed=1_182, given_up=58, hard_bounces=38, complaints=1, opt_outs=9, days_sent=2,
            quota_used_percent=2, age_days=40,
        ),
        2,
        {"arrived": -1, "hard-bounces": -2, "complaints": 0, "opt-outs": -1, "quota-used": 0,
         "age": 1, "volume": 0},
    ),
    "a bought list": (
        Record(
            relayed=4_600, given_up=400, hard_bounces=350, complaints=21, opt_outs=140,
            days_sent=1, quota_used_percent=10, age_days=3,
        ),
        1,
        {"arrived": -2, "hard-bounces": -4, "complaints": -5, "opt-outs": -2, "quota-used": 0,
         "age": 0, "volume": 0},
    ),
    "a newsletter that people want": (
        Record(
            relayed=59_800, given_up=200, hard_bounces=120, complaints=12, opt_outs=180,
            days_sent=8, quota_used_percent=15, age_days=120,
        ),
        10,
        {"arrived": 1, "hard-bounces": 1, "complaints": 0, "opt-outs": 0, "quota-used": 1,
         "age": 2, "volume": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_the_document_are_right(name: str) -> None:
    record, level, expected = EXAMPLES[name]
    assert (score(record).level, points(record)) == (level, expected)


@pytest.mark.parametrize(
    "record", [Record(), Record(relayed=90, given_up=9, hard_bounces=9)], ids=["none", "99"]
)
def test_too_few_mails_leave_the_level_neutral(record: Record) -> None:
    found = score(record)
    assert (found.level, found.is_enough) == (5, False)
    assert [part.name for part in found.parts] == ["not-enough"]


@pytest.mark.parametrize(
    ("hard_bounces", "expected"),
    [(4, 1), (5, 0), (19, 0), (20, -1), (29, -1), (30, -2), (49, -2), (50, -4)],
)
def test_hard_bounces_cost_more_the_more_there_are(hard_bounces: int, expected: int) -> None:
    record = Record(relayed=1_000 - hard_bounces, given_up=hard_bounces, hard_bounces=hard_bounces)
    assert points(record)["hard-bounces"] == expected


@pytest.mark.parametrize(
    ("given_up", "expected"), [(10, 1), (11, 0), (30, 0), (31, -1), (51, -2), (101, -3)]
)
def test_what_does_not_arrive_costs(given_up: int, expected: int) -> None:
    assert points(Record(relayed=1_000 - given_up, given_up=given_up))["arrived"] == expected


def test_what_came_back_has_not_arrived() -> None:
    assert points(Record(relayed=1_000, came_back=31))["arrived"] == -1


@pytest.mark.parametrize(
    ("relayed", "complaints", "expected"),
    [(1_000, 0, 1), (999, 0, 0), (1_001, 1, 0), (1_000, 1, -2), (1_000, 2, -2), (1_000, 3, -5)],
)
def test_one_complaint_in_a_thousand_is_too_much(
    relayed: int, complaints: int, expected: int
) -> None:
    assert points(Record(relayed=relayed, complaints=complaints))["complaints"] == expected


@pytest.mark.parametrize(("opt_outs", "expected"), [(4, 0), (5, -1), (19, -1), (20, -2)])
def test_opt_outs_are_a_sign(opt_outs: int, expected: int) -> None:
    assert points(Record(relayed=1_000, opt_outs=opt_outs))["opt-outs"] == expected


def test_what_never_left_has_no_share_of_complaints() -> None:
    found = points(Record(given_up=100))
    assert (found["complaints"], found["opt-outs"], found["arrived"]) == (0, 0, -3)


@pytest.mark.parametrize(
    ("days", "percent", "expected"), [(5, 10, 1), (4, 10, 0), (5, 9, 0), (30, 100, 1)]
)
def test_regular_use_of_the_quota_is_worth_a_point(days: int, percent: int, expected: int) -> None:
    record = Record(relayed=1_000, days_sent=days, quota_used_percent=percent)
    assert points(record)["quota-used"] == expected


@pytest.mark.parametrize(("days", "expected"), [(27, 0), (28, 1), (89, 1), (90, 2)])
def test_age_is_worth_trust(days: int, expected: int) -> None:
    assert points(Record(relayed=1_000, age_days=days))["age"] == expected


@pytest.mark.parametrize(
    ("present", "wanted", "expected"), [(5, 9, 6), (5, 5, 5), (5, 1, 1), (9, 10, 10)]
)
def test_trust_grows_slowly_and_is_lost_at_once(present: int, wanted: int, expected: int) -> None:
    assert next_level(present, wanted) == expected
