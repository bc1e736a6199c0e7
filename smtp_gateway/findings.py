"""What is found out beside the pages is stored, and read with its age."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from smtp_gateway.models import Finding


def store(found: Mapping[str, Any]) -> None:
    """Puts each in the place of the one before. Values are what JSON can hold."""
    now = timezone.now()
    Finding.objects.bulk_create(
        [Finding(name=name, value=value, found_at=now) for name, value in sorted(found.items())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["value", "found_at"],
    )


def stored(names: Collection[str]) -> dict[str, Finding]:
    """Those of them that there are, by name."""
    return Finding.objects.in_bulk(list(names))
