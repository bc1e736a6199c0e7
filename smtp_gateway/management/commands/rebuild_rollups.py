"""`manage.py rebuild_rollups`: counts anew what happened, from the mail that is still known."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from smtp_gateway.rollups import rebuilding


class Command(BaseCommand):
    """Beside everything that runs; what is older than the history stays as it was counted."""

    help = "Counts anew what happened, as far back as mail is known."

    def handle(self, *args: Any, **options: Any) -> None:
        since = rebuilding.rebuild(timezone.now(), self._told)
        self.stdout.write(f"Counted anew from {since:%Y-%m-%d} on.")

    def _told(self, deliveries: int, attempts: int) -> None:
        self.stdout.write(f"deliveries up to {deliveries}, attempts up to {attempts}")
