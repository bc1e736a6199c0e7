"""Sender domains in the state that a test is about."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from senders.models import SenderDomain


def make_domain(domain: str = "example.com", **changes: Any) -> SenderDomain:
    """A row as its check would leave it: what its state asks for is filled in."""
    now = timezone.now()
    state = changes.get("state", "pending")
    values = {
        "ownership_token": "token",
        "return_path_host": f"bounces.{domain}",
        "created_at": now,
        "next_check_at": now + timedelta(hours=1),
        "verified_at": None if state == "pending" else now - timedelta(days=1),
        "failing_since": now if state == "failing" else None,
    }
    row: SenderDomain = SenderDomain.objects.create(domain=domain, **{**values, **changes})
    return row
