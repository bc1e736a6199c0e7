"""What came back of a sender address, counted for its standing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from smtp_gateway.models import ReturnedMail, ReturnKind
from smtp_gateway.returns.counting import DayCounts, ReturnCounts, counts_by_day, counts_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def make_returned(kind: ReturnKind = ReturnKind.FAILED, **changes: object) -> ReturnedMail:
    values: dict[str, object] = {
        "received_at": NOON, "processed_at": NOON, "size_bytes": 1, "kind": kind,
        "sender_address": "shop@example.com", "is_counted": True,
    }  # fmt: skip
    return ReturnedMail.objects.create(**{**values, **changes})


def test_hard_bounces_and_complaints_of_one_address_are_counted() -> None:
    for _ in range(2):
        make_returned()
    make_returned(ReturnKind.COMPLAINT)
    make_returned(sender_address="other@example.com")
    assert counts_of("shop@example.com", NOON) == ReturnCounts(2, 1)


def test_what_counts_for_nothing_is_not_counted() -> None:
    make_returned(is_counted=False)
    make_returned(is_counted=False, is_repeat=True)
    assert counts_of("shop@example.com", NOON) == ReturnCounts()


def test_only_what_came_since_then_is_counted() -> None:
    make_returned(received_at=NOON - timedelta(seconds=1))
    assert counts_of("shop@example.com", NOON) == ReturnCounts()


def test_days_come_in_their_order_and_empty_ones_are_left_out() -> None:
    make_returned(received_at=NOON + timedelta(days=2))
    make_returned(ReturnKind.COMPLAINT)
    assert counts_by_day("shop@example.com", NOON) == [
        DayCounts(date(2026, 3, 10), ReturnCounts(0, 1)),
        DayCounts(date(2026, 3, 12), ReturnCounts(1, 0)),
    ]
