"""What holds for a mail type until an admin decides otherwise; a migration wrote it down."""

from typing import Any

DEFAULTS: dict[str, dict[str, Any]] = {
    "trigger": {
        "address_per_hour": 500_000,
        "address_per_day": 5_000_000,
        "organisation_per_hour": 1_000_000,
        "organisation_per_day": 10_000_000,
        "unsubscribe": "none",
        "takes_lifetime_header": True,
    },
    "batch": {
        "address_per_hour": 5_000,
        "address_per_day": 50_000,
        "organisation_per_hour": 50_000,
        "organisation_per_day": 500_000,
        "unsubscribe": "one-click",
        "takes_lifetime_header": False,
    },
}
