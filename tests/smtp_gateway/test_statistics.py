"""The numbers of the overview."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from smtp_gateway import queue, statistics
from smtp_gateway.models import Delivery
from smtp_gateway.statistics import Counts
from tests.smtp_gateway.mails import attempt_all, lease_all, make_mail

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)


def at(hours_ago):
    return NOW - timedelta(hours=hours_ago)


def test_each_event_counts_in_its_own_hour():
    make_mail(accepted_at=at(5), recipients=["a@example.org", "b@example.org"])
    attempt_all("deferred", at=at(4), next_attempt_at=at(4))
    attempt_all("relayed", at=at(3))
    hours = {hour.begin: hour.counts for hour in statistics.activity(NOW).hours}
    assert hours[datetime(2026, 3, 10, 10, tzinfo=UTC)] == Counts(accepted=2)
    assert hours[datetime(2026, 3, 10, 11, tzinfo=UTC)] == Counts(deferred=2)
    assert hours[datetime(2026, 3, 10, 12, tzinfo=UTC)] == Counts(relayed=2)


def test_bounced_and_expired_count_together():
    make_mail(accepted_at=at(2))
    attempt_all("bounced", at=at(1))
    make_mail(accepted_at=at(2))
    attempt_all("expired", at=at(1))
    assert statistics.activity(NOW).today == Counts(accepted=2, bounced=2)


def test_cancelled_is_no_bounce():
    make_mail(accepted_at=at(2))
    Delivery.objects.update(state="cancelled", finished_at=at(1))
    assert statistics.activity(NOW).today == Counts(accepted=1, cancelled=1)


def test_what_was_kept_here_is_not_counted_as_relayed():
    make_mail(accepted_at=at(2))
    attempt_all("relayed", at=at(1), route="mailbox", reason_code="no-smarthost")
    assert statistics.activity(NOW).today == Counts(accepted=1, kept=1)


def test_there_are_24_hours_the_running_one_last():
    hours = statistics.activity(NOW).hours
    assert len(hours) == 24
    assert hours[-1].begin == datetime(2026, 3, 10, 15, tzinfo=UTC)
    assert hours[0].begin == datetime(2026, 3, 9, 16, tzinfo=UTC)


def test_today_begins_at_midnight_but_the_hours_reach_into_yesterday():
    make_mail(accepted_at=at(16))
    make_mail(accepted_at=at(15))
    activity = statistics.activity(NOW)
    assert activity.today.accepted == 1
    assert sum(hour.counts.accepted for hour in activity.hours) == 2


def test_what_is_older_than_a_day_does_not_count():
    make_mail(accepted_at=at(24))
    make_mail(accepted_at=at(200))
    assert statistics.activity(NOW).hours[0].counts == Counts()


def test_midnight_is_that_of_the_time_zone():
    make_mail(accepted_at=datetime(2026, 3, 9, 18, 15, tzinfo=UTC))  # 23:45 in Kolkata
    make_mail(accepted_at=datetime(2026, 3, 9, 18, 45, tzinfo=UTC))  # 00:15
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        activity = statistics.activity(NOW)
    assert activity.today.accepted == 1
    assert activity.hours[-1].begin == datetime(2026, 3, 10, 15, 30, tzinfo=UTC)


def test_a_day_of_25_hours_is_counted_in_full():
    # In Berlin the clocks go back on 25 October 2026 at 3:00.
    make_mail(accepted_at=datetime(2026, 10, 24, 22, 30, tzinfo=UTC))  # 00:30
    with timezone.override(ZoneInfo("Europe/Berlin")):
        activity = statistics.activity(datetime(2026, 10, 25, 22, 50, tzinfo=UTC))  # 23:50
    assert activity.today.accepted == 1
    assert len({hour.begin for hour in activity.hours}) == 24


def test_lanes_say_how_much_waits_and_since_when():
    make_mail(accepted_at=at(2))
    attempt_all("deferred")
    make_mail(accepted_at=at(1))
    lease_all()
    make_mail(mail_type="batch", accepted_at=at(3), recipients=["a@x.example", "b@x.example"])
    trigger, batch = statistics.lanes()
    assert (trigger.name, trigger.waiting, trigger.deferred) == ("trigger", 2, 1)
    assert trigger.oldest_accepted_at == at(2)
    assert (batch.name, batch.waiting, batch.oldest_accepted_at) == ("batch", 2, at(3))


def test_what_is_set_aside_is_counted_apart_from_what_waits():
    make_mail(accepted_at=at(3))
    Delivery.objects.update(state="held")
    make_mail(accepted_at=at(1))
    trigger, batch = statistics.lanes()
    assert (trigger.waiting, trigger.set_aside, trigger.oldest_accepted_at) == (1, 1, at(1))
    assert (batch.waiting, batch.set_aside) == (0, 0)


def test_a_lane_in_which_nothing_waits_has_no_oldest_mail():
    make_mail()
    attempt_all("relayed")
    assert statistics.lanes() == [
        statistics.Lane("trigger", 0, 0, 0, None),
        statistics.Lane("batch", 0, 0, 0, None),
    ]


def test_the_systems_own_mail_is_no_first_mail():
    make_mail(origin="system", sender_address="")
    assert not statistics.has_submitted_mail()
    make_mail()
    assert statistics.has_submitted_mail()


def test_a_freed_lease_is_no_deferral():
    make_mail(accepted_at=at(1))
    relay_id, _ = lease_all()
    queue.free_leases_of_dead(silent_for=timedelta(days=1), gone=[relay_id])
    assert statistics.activity(NOW).today == Counts(accepted=1)
