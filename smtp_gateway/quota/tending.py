"""What nobody is left to do: leases of dead workers come back, old counts go."""

from datetime import datetime, timedelta

from django.db import connection

from smtp_gateway.models import QuotaCount
from smtp_gateway.quota import statements
from smtp_gateway.quota.store import DEAD_AFTER_SECONDS

# A lease that comes back late finds the counts of its day yet.
_KEPT = timedelta(days=3)


def give_back_of_dead() -> None:
    """Leases of workers that have been silent for too long."""
    seconds = statements.GIVE_BACK_OF_DEAD.count("$1") * [DEAD_AFTER_SECONDS]
    with connection.cursor() as cursor:
        cursor.execute(statements.GIVE_BACK_OF_DEAD.replace("$1", "%s"), seconds)


def forget_old(now: datetime) -> None:
    """Counts of days that nobody asks for any more."""
    QuotaCount.objects.filter(starts_at__lt=now - _KEPT).delete()
