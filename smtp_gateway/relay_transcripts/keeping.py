"""How long dialogues are kept."""

from django.conf import settings
from django.utils import timezone

from smtp_gateway.models import RelayTranscript

_ROWS_EACH = 500


def forget_transcripts() -> int:
    """Forgets up to a few hundred batches that are too old; how many.

    Never kept for longer than the mails that they are about.
    """
    lifetime = min(settings.RELAY_TRANSCRIPT_LIFETIME, settings.MAIL_HISTORY_LIFETIME)
    old = RelayTranscript.objects.filter(at__lt=timezone.now() - lifetime).order_by("at")
    ids = list(old.values_list("pk", flat=True)[:_ROWS_EACH])
    forgotten, _ = RelayTranscript.objects.filter(pk__in=ids).delete()
    return forgotten
