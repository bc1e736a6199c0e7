"""Deliveries to which something happened in some time: what a number of the overview counts.

The same facts by which `rollups/` counts, so that the mail log shows exactly as many.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from senders.listing.keyset import moment
from smtp_gateway import reasons
from smtp_gateway.models import Attempt, CountedOutcome, Delivery, DeliveryState

Deliveries = QuerySet[Delivery, Delivery]

_STATES = {
    CountedOutcome.RELAYED: DeliveryState.RELAYED,
    CountedOutcome.KEPT: DeliveryState.RELAYED,
    CountedOutcome.BOUNCED: DeliveryState.BOUNCED,
    CountedOutcome.EXPIRED: DeliveryState.EXPIRED,
    CountedOutcome.CANCELLED: DeliveryState.CANCELLED,
}
"""Outcomes that end a delivery."""


PARAMETERS = ("outcome", "since", "until", "reason")
"""Of a link to the mail log."""


@dataclass(frozen=True, slots=True)
class Happened:
    """`outcome` from `since` up to `until`, which is not in it, for `reason` or for any."""

    outcome: CountedOutcome
    since: datetime
    until: datetime
    reason: str = ""

    def __str__(self) -> str:
        """As the audit trail says it."""
        told = f"{self.outcome} from {self.since.isoformat()} until {self.until.isoformat()}"
        return f"{told} ({self.reason})" if self.reason else told

    @property
    def parameters(self) -> dict[str, str]:
        """As they stand in a link; `of_parameters` reads them."""
        named = {
            "outcome": str(self.outcome),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "reason": self.reason,
        }
        return {name: value for name, value in named.items() if value}


def of_parameters(parameters: Mapping[str, str]) -> Happened | None:
    """None where they don't say all of it, or nothing that can be understood."""
    outcome = parameters.get("outcome", "")
    since, until = moment(parameters.get("since", "")), moment(parameters.get("until", ""))
    if outcome not in CountedOutcome.values or since is None or until is None:
        return None
    reason = parameters.get("reason", "").replace("\0", "")
    return Happened(CountedOutcome(outcome), since, until, reason)


def those_of(deliveries: Deliveries, happened: Happened) -> Deliveries:
    """Of `deliveries` those to which it happened: for the first time where it may happen often."""
    if happened.outcome == CountedOutcome.ACCEPTED:
        return deliveries.filter(
            message__accepted_at__gte=happened.since, message__accepted_at__lt=happened.until
        )
    state = _STATES.get(happened.outcome)
    if state is None or happened.reason:
        return deliveries.filter(pk__in=_first_attempts(happened).values("delivery_id"))
    return _ended(deliveries, state, happened)


def _ended(deliveries: Deliveries, state: DeliveryState, happened: Happened) -> Deliveries:
    ended = deliveries.filter(
        state=state, finished_at__gte=happened.since, finished_at__lt=happened.until
    )
    if happened.outcome == CountedOutcome.KEPT:
        return ended.filter(reason_code__in=reasons.KEPT)
    return ended.exclude(reason_code__in=reasons.KEPT)


def _first_attempts(happened: Happened) -> "QuerySet[Attempt, Attempt]":
    alike = Q(outcome=happened.outcome)
    if happened.reason:
        alike &= Q(category=happened.reason) | Q(category="", reason_code=happened.reason)
    earlier = Attempt.objects.filter(
        alike, delivery_id=OuterRef("delivery_id"), pk__lt=OuterRef("pk")
    )
    in_time = Attempt.objects.filter(alike, at__gte=happened.since, at__lt=happened.until)
    return in_time.exclude(Exists(earlier)).order_by()
