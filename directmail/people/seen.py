"""When somebody was last here."""

from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from directmail.models import Operator

_PACE = timedelta(minutes=5)


def note_seen(request: HttpRequest) -> None:
    """Writes every few minutes at most."""
    operator, now = request.user, timezone.now()
    if not isinstance(operator, Operator):
        return
    if operator.last_seen_at is None or operator.last_seen_at <= now - _PACE:
        stale = Q(last_seen_at=None) | Q(last_seen_at__lte=now - _PACE)
        Operator.objects.filter(stale, pk=operator.pk).update(last_seen_at=now)
