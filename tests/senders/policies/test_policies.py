"""What holds for a mail type: the table, the settings behind it, and the smaller of several."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from senders.models import MailTypePolicy
from senders.policies.policy import Limits, SendingWindow, effective_limits
from senders.policies.reading import policies, policy_of
from tests.senders.deciding import decide

pytestmark = pytest.mark.django_db


def test_trigger_mail_has_no_pace_and_no_unsubscribe_link():
    policy = policy_of("trigger")
    assert (policy.address.pace_per_minute, policy.unsubscribe) == (None, "none")
    assert (policy.lifetime, policy.takes_lifetime_header) == (timedelta(hours=24), True)


def test_batch_mail_has_its_hourly_quota_and_one_click():
    policy = policy_of("batch")
    assert (policy.address.per_hour, policy.unsubscribe) == (5_000, "one-click")
    assert (policy.lifetime, policy.takes_lifetime_header) == (timedelta(hours=72), False)


def test_what_no_admin_decided_is_as_the_settings_say(settings):
    settings.MAIL_LIFETIME = {"trigger": timedelta(hours=3), "batch": timedelta(hours=5)}
    settings.RETRY_FIRST = dict.fromkeys(("trigger", "batch"), timedelta(seconds=7))
    settings.RETRY_MAX = dict.fromkeys(("trigger", "batch"), timedelta(seconds=70))
    policy = policy_of("batch")
    assert policy.lifetime == timedelta(hours=5)
    assert (policy.retry_first, policy.retry_longest) == (
        timedelta(seconds=7),
        timedelta(seconds=70),
    )


def test_what_an_admin_decided_holds_whatever_the_settings_say(settings):
    decide("trigger", lifetime=timedelta(minutes=90))
    settings.MAIL_LIFETIME = dict.fromkeys(("trigger", "batch"), timedelta(hours=3))
    assert policy_of("trigger").lifetime == timedelta(minutes=90)
    assert policy_of("batch").lifetime == timedelta(hours=3)


@pytest.mark.parametrize(("decided", "most"), [(None, 100), (20, 20), (1_000, 100)])
def test_the_setting_is_the_most_recipients_a_policy_can_give(settings, decided, most):
    settings.MAX_RECIPIENTS = 100
    decide("batch", max_recipients=decided)
    assert policy_of("batch").max_recipients == most


def test_a_sending_window_is_read_with_its_time_zone():
    decide("batch", window_opens=time(8), window_closes=time(20), window_time_zone="Asia/Shanghai")
    assert policy_of("batch").window == SendingWindow(time(8), time(20), "Asia/Shanghai")
    assert policy_of("trigger").window is None


def test_a_window_without_an_end_is_refused_by_the_table():
    with pytest.raises(IntegrityError), transaction.atomic():
        decide("batch", window_opens=time(8))


def test_where_a_row_is_missing_the_defaults_hold():
    MailTypePolicy.objects.all().delete()
    assert policies()["batch"].address.per_hour == 5_000


def test_the_smaller_limit_holds():
    policy = policy_of("batch")
    standing = Limits(per_hour=800, per_day=1_000_000, pace_per_minute=60)
    assert effective_limits(policy, standing) == Limits(800, 50_000, 60)
    assert effective_limits(policy, None, Limits(pace_per_minute=10)) == Limits(5_000, 50_000, 10)
    assert effective_limits(policy) == policy.address
