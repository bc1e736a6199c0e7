"""Counting anew: as right as before, and nothing is lost of what is forgotten."""

import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from smtp_gateway import tasks
from smtp_gateway.models import DailyCount, Delivery, HourlyCount
from smtp_gateway.rollups import rebuilding, rolling
from tests.smtp_gateway.rollups.scenes import HOUR, accept, assert_agreement, attempt, counted, live

pytestmark = pytest.mark.django_db


def everything():
    fields = ("begin", "sender_address", "mail_type", "outcome", "reason", "events", "recipients")
    return [
        sorted(model.objects.values_list(*fields, "reason_recipients"))
        for model in (HourlyCount, DailyCount)
    ]


def test_counting_anew_comes_to_the_same(monkeypatch):
    monkeypatch.setattr(rebuilding, "_ROWS_EACH", 3)
    live(random.Random(7), timezone.now(), steps=30)
    rolling.catch_up(seconds=60)
    before = everything()
    rebuilding.rebuild(timezone.now())
    assert everything() == before


def test_wrong_counts_are_right_again():
    now = timezone.now()
    live(random.Random(8), now, steps=20)
    rolling.catch_up(seconds=60)
    HourlyCount.objects.update(recipients=F("recipients") + 7)
    DailyCount.objects.all().delete()
    out = StringIO()
    call_command("rebuild_rollups", stdout=out)
    assert "Counted anew from" in out.getvalue()
    assert_agreement(now)


def test_what_is_older_than_the_history_stays_as_it_was_counted(settings):
    now = timezone.now()
    long_ago = now - settings.MAIL_HISTORY_LIFETIME - timedelta(days=2)
    accept(long_ago)
    accept(now - HOUR)
    attempt("relayed", long_ago, most=1)
    rolling.catch_up(seconds=60)
    Delivery.objects.filter(message__accepted_at__lt=now - timedelta(days=2)).delete()
    rebuilding.rebuild(now)
    assert counted(long_ago - HOUR, long_ago + HOUR).relayed == 1
    assert counted(now - 2 * HOUR, now + HOUR).accepted == 1
    assert_agreement(now)


def test_what_was_forgotten_under_a_shorter_history_is_not_counted_anew(settings):
    now = timezone.now()
    accept(now - timedelta(days=40))
    attempt("relayed", now - timedelta(days=40))
    settings.MAIL_HISTORY_LIFETIME = timedelta(days=30)
    tasks.forget_history()
    settings.MAIL_HISTORY_LIFETIME = timedelta(days=90)
    rebuilding.rebuild(now)
    assert counted(now - timedelta(days=41), now - timedelta(days=39)).relayed == 1


def test_what_is_counted_while_it_is_counted_anew_is_there_once(monkeypatch):
    now = timezone.now()
    accept(now - HOUR)
    rolling.catch_up(seconds=60)

    def told(_deliveries, _attempts):
        if Delivery.objects.count() < 2:
            accept(now - HOUR)
            rolling.catch_up(seconds=60)

    rebuilding.rebuild(now, told)
    assert counted(now - 2 * HOUR, now + HOUR).accepted == 2
    assert_agreement(now)
