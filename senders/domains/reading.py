"""What others ask about sender domains."""

from datetime import datetime

from django.utils import timezone

from senders.domains.coverage import Coverage, itself_and_above
from senders.models import SenderDomain


def verified_domains(now: datetime | None = None) -> Coverage:
    """Those whose mail may leave: ask `domain in verified_domains()`. Two small queries."""
    now = now or timezone.now()
    counting = SenderDomain.objects.counting(now).order_by()
    stopped = SenderDomain.objects.stopped(now).order_by()
    return Coverage(
        frozenset(counting.values_list("domain", flat=True)),
        frozenset(stopped.values_list("domain", flat=True)),
    )


def domain_of(name: str) -> SenderDomain | None:
    """The added domain that `name` belongs to: itself, or the closest one above it."""
    names = list(itself_and_above(name))
    found = {row.domain: row for row in SenderDomain.objects.filter(domain__in=names)}
    return next((found[each] for each in names if each in found), None)
