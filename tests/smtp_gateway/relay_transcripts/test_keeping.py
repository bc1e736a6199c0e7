"""How long transcripts of attempts are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from smtp_gateway.models import RelayTranscript
from smtp_gateway.tasks import forget_relay_transcripts

pytestmark = pytest.mark.django_db


def keep(days: float) -> None:
    RelayTranscript.objects.create(at=timezone.now() - timedelta(days=days), packed=b"")


def test_what_is_too_old_is_forgotten(settings: Settings) -> None:
    settings.RELAY_TRANSCRIPT_LIFETIME = timedelta(days=30)
    for days in (29, 31, 300):
        keep(days)
    forget_relay_transcripts()
    assert RelayTranscript.objects.count() == 1


def test_none_outlives_the_mails_that_it_is_about(settings: Settings) -> None:
    settings.RELAY_TRANSCRIPT_LIFETIME = timedelta(days=30)
    settings.MAIL_HISTORY_LIFETIME = timedelta(days=3)
    for days in (2, 4):
        keep(days)
    forget_relay_transcripts()
    assert RelayTranscript.objects.count() == 1


def test_more_than_one_piece_is_forgotten_in_one_task() -> None:
    old = timezone.now() - timedelta(days=4000)
    RelayTranscript.objects.bulk_create([RelayTranscript(at=old, packed=b"") for _ in range(1200)])
    forget_relay_transcripts()
    assert not RelayTranscript.objects.exists()
