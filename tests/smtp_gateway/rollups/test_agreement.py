"""The numbers of the overview are those of the mail log, at any moment."""

import random
from datetime import timedelta

import pytest

from smtp_gateway.models import Delivery, HourlyCount
from smtp_gateway.rollups import reading, rolling
from tests.smtp_gateway.rollups.scenes import (
    HOUR,
    NOON,
    SENDERS,
    accept,
    assert_agreement,
    attempt,
    counted,
    live,
    log_counts,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_and_however_far_it_is_counted_the_numbers_agree(seed):
    chance = random.Random(seed)
    for _ in range(3):
        live(chance, NOON, steps=12)
        for _ in range(chance.randrange(3)):
            rolling.roll_up(most=chance.choice([1, 3, 1000]))
        assert_agreement(NOON)


def test_counting_twice_counts_once():
    accept(NOON - HOUR, number=2)
    attempt("bounced", NOON)
    rolling.catch_up(seconds=60)
    rolling.catch_up(seconds=60)
    assert counted(NOON - 2 * HOUR, NOON + HOUR).bounced == 2
    assert_agreement(NOON)


def test_what_is_recorded_late_counts_in_its_own_hour():
    accept(NOON - 30 * HOUR)
    accept(NOON)
    attempt("relayed", NOON, most=1)
    rolling.catch_up(seconds=60)
    attempt("relayed", NOON - 29 * HOUR)
    accept(NOON - 100 * HOUR)
    rolling.catch_up(seconds=60)
    assert counted(NOON - 29 * HOUR, NOON - 28 * HOUR).relayed == 1
    assert counted(NOON - 100 * HOUR, NOON - 99 * HOUR).accepted == 1
    assert_agreement(NOON)


def test_a_recipient_who_is_deferred_often_counts_once_and_each_attempt_too():
    accept(NOON - 5 * HOUR)
    for hour in (4, 3, 2):
        attempt("deferred", NOON - hour * HOUR, category="mailbox-full")
        rolling.catch_up(seconds=60)
    assert counted(NOON - 6 * HOUR, NOON).deferred == 1
    assert counted(NOON - 6 * HOUR, NOON).deferred_attempts == 3
    assert counted(NOON - 3 * HOUR, NOON).deferred == 0
    assert_agreement(NOON)


def test_the_counts_outlive_the_mail():
    accept(NOON - HOUR)
    attempt("relayed", NOON)
    rolling.catch_up(seconds=60)
    Delivery.objects.all().delete()
    assert counted(NOON - 2 * HOUR, NOON + HOUR).relayed == 1
    rolling.catch_up(seconds=60)
    assert counted(NOON - 2 * HOUR, NOON + HOUR).accepted == 1


def test_hours_are_forgotten_after_weeks_and_days_after_years():
    accept(NOON)
    rolling.catch_up(seconds=60)
    rolling.forget_old(NOON + rolling.HOURS_KEPT + timedelta(days=1))
    assert not HourlyCount.objects.exists()
    day = NOON.replace(hour=0)
    assert counted_by_day(day) == 1
    rolling.forget_old(NOON + rolling.DAYS_KEPT + timedelta(days=2))
    assert counted_by_day(day) == 0


def counted_by_day(day):
    from_days = rolling.DailyCount.objects.filter(begin=day, sender_address="*")
    return sum(from_days.values_list("recipients", flat=True))


def test_the_top_senders_are_those_of_the_mail_log():
    chance = random.Random(11)
    for counted_first in (True, False):
        live(chance, NOON, steps=25)
        if counted_first:
            rolling.catch_up(seconds=60)
    since, until = NOON - 119 * HOUR, NOON + HOUR
    top = reading.read(lambda tail: reading.top_senders(tail, since, until))
    assert {each.address for each in top} == {sender for sender in SENDERS if sender}
    for each in top:
        assert each.counts == log_counts(since, until, message__sender_address=each.address)
    accepted = [each.counts.accepted for each in top]
    assert accepted == sorted(accepted, reverse=True)
