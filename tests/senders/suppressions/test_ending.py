"""What ends by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from senders.models import SoftBounce, Suppression
from senders.suppressions.ending import forget_soft_bounces
from senders.suppressions.services import suppress
from senders.tasks import end_suppressions

pytestmark = pytest.mark.django_db


def test_a_suppression_ends_when_its_time_is_over_and_is_told_to_gateways() -> None:
    now = timezone.now()
    row = suppress(
        reason="manual", recipient_or_domain="a@example.net", now=now, expires_at=now + timedelta(1)
    )
    other = suppress(reason="manual", recipient_or_domain="b@example.net", now=now)
    over = now - timedelta(minutes=1)
    Suppression.objects.filter(pk=row.pk).update(expires_at=over, changed_in=0)
    end_suppressions()
    row.refresh_from_db()
    other.refresh_from_db()
    assert row.ended_at == over
    assert row.changed_in > 0
    assert (row.state(now), other.state(now)) == ("expired", "living")


def test_days_of_soft_bounces_are_forgotten_when_they_count_no_more() -> None:
    now = timezone.now()
    for days in (0, 29, 30, 45):
        SoftBounce.objects.create(target="a@example.net", on=(now - timedelta(days=days)).date())
    assert forget_soft_bounces(now) == 2
    assert SoftBounce.objects.count() == 2
