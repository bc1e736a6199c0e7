"""Quotas beside SMTP: what composed mail counts, what pages read, what dead workers leave."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from smtp_gateway.mail_policy import Before, Quota
from smtp_gateway.models import Message, QuotaCount, QuotaHolder, QuotaLease
from smtp_gateway.quota import tending
from smtp_gateway.quota.charging import OverQuota, charge
from smtp_gateway.quota.reading import usage_of
from smtp_gateway.quota.values import QuotaReached, hour_of, reached, windows_of
from smtp_gateway.test_mail import send_test_mail
from tests.senders.deciding import decide
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
ANN = "ann@x.example"


def spend(recipients: int, quota: Quota, address: str = ANN, now: datetime = NOW) -> None:
    charge(address=address, mail_type="batch", quota=quota, recipients=recipients, now=now)


def lease(granted: int, used: int, holder: str = "dead") -> None:
    row = {"holder": holder, "sender_address": ANN, "mail_type": "batch", "hour": hour_of(NOW)}
    QuotaLease.objects.create(**row, granted=granted, used=used)
    spend(granted, Quota())


def counts(quota: Quota = Quota()) -> list[int]:  # noqa: B008 - a value
    return [used.count for used in usage_of(ANN, "batch", quota, NOW)]


def test_hours_and_days_are_those_of_utc():
    shanghai = datetime.fromisoformat("2026-11-24T07:59:59+08:00")
    mine, day, *_ = windows_of(ANN, "batch", Quota(), shanghai)
    assert mine.starts_at == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert (day.starts_at, day.ends_at) == (
        datetime(2026, 11, 23, tzinfo=UTC),
        datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_of_several_full_windows_the_last_to_open_is_told():
    windows = windows_of(ANN, "batch", Quota(5, 9, None, None), NOW)
    assert reached(windows, [4, 4, 4, 4], 1) is None
    assert reached(windows, [5, 9, 9, 9], 1) == QuotaReached(
        "address", "day", 9, 0, datetime(2026, 11, 24, tzinfo=UTC)
    )
    assert reached(windows, [3, 4, 4, 4], 3) == QuotaReached(
        "address", "hour", 5, 2, datetime(2026, 11, 23, 13, tzinfo=UTC)
    )


def test_what_is_counted_is_read_by_address_and_by_type():
    spend(3, Quota())
    spend(4, Quota(), address="bob@x.example")
    spend(2, Quota(), now=NOW + timedelta(hours=1))
    assert counts() == [3, 5, 7, 9]


def test_beyond_a_quota_nothing_is_counted():
    quota = Quota(type_per_hour=5)
    spend(4, quota)
    with pytest.raises(OverQuota) as error:
        spend(2, quota)
    assert (error.value.reached.whose, error.value.reached.left) == ("type", 1)
    assert counts() == [4, 4, 4, 4]


def test_what_workers_hold_unused_is_not_shown_as_used():
    lease(granted=64, used=10)
    assert counts() == [10, 10, 10, 10]


BEFORE = Before(NOW - timedelta(minutes=5), in_hour=118, in_day=600)


def test_from_a_brake_on_its_quotas_are_counted_anew():
    spend(118, Quota())
    quota = Quota(50, 500, before=BEFORE)
    spend(49, quota)
    with pytest.raises(OverQuota) as error:
        spend(2, quota)
    assert (error.value.reached.most, error.value.reached.left) == (50, 1)
    hour, *_ = usage_of(ANN, "batch", quota, NOW)
    assert (hour.count, hour.most) == (49, 50)


def test_in_the_hour_and_on_the_day_after_a_brake_nothing_is_left_out():
    quota = Quota(50, 500, before=BEFORE)
    next_hour = windows_of(ANN, "batch", quota, NOW + timedelta(hours=1))
    assert [window.most for window in next_hour[:2]] == [50, 1_100]
    next_day = windows_of(ANN, "batch", quota, NOW + timedelta(days=1))
    assert [window.most for window in next_day[:2]] == [50, 500]


def test_without_a_quota_there_is_none_after_a_brake_either():
    hour, day, *_ = usage_of(ANN, "batch", Quota(before=BEFORE), NOW)
    assert (hour.most, day.most) == (None, None)


def test_what_a_dead_worker_did_not_use_comes_back():
    lease(granted=64, used=10)
    lease(granted=32, used=32, holder="alive")
    QuotaHolder.objects.create(id="alive", heartbeat_at=timezone.now())
    QuotaHolder.objects.create(id="dead", heartbeat_at=timezone.now() - timedelta(minutes=1))
    tending.give_back_of_dead()
    assert [lease.holder for lease in QuotaLease.objects.all()] == ["alive"]
    assert [holder.id for holder in QuotaHolder.objects.all()] == ["alive"]
    assert set(QuotaCount.objects.values_list("taken", flat=True)) == {42}
    assert counts() == [42, 42, 42, 42]


def test_old_counts_are_forgotten():
    spend(1, Quota(), now=NOW - timedelta(days=5))
    spend(1, Quota())
    tending.forget_old(NOW)
    assert QuotaCount.objects.count() == 4


def test_a_test_mail_of_the_console_counts_and_is_refused_beyond_the_quota(client):
    sender = make_sender("app@x.example")
    decide("trigger", address_per_day=1, address_per_hour=None)
    words = {"recipient": "ann@home.example", "subject": "Hi", "text": "Hi"}
    send_test_mail(sender, **words)
    with pytest.raises(OverQuota):
        send_test_mail(sender, **words)
    assert Message.objects.count() == 1
