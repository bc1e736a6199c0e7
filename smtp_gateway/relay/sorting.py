"""What was leased, by what becomes of it: kept here, waiting for its route, or by destination."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from smtp_gateway.queue import LeasedDelivery, Outcome
from smtp_gateway.relay.attempt import Courier, kept_in_mailbox
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.destination import Wait
from smtp_gateway.relay.domain_patterns import normal_domain
from smtp_gateway.relay.routing import Routing

_ROUTE_SECONDS = 60.0
"""Until a route that cannot be used is looked at again."""


@dataclass(frozen=True, slots=True)
class SortedOut:
    """The deliveries of one lease."""

    kept: list[Outcome] = field(default_factory=list)
    waiting: dict[Wait, list[LeasedDelivery]] = field(default_factory=dict)
    outward: dict[Courier, list[LeasedDelivery]] = field(default_factory=dict)


def sort_out(leased: Sequence[LeasedDelivery], routing: Routing, couriers: Couriers) -> SortedOut:
    """Each delivery in its place."""
    result = SortedOut()
    for delivery in leased:
        choice = routing.route(
            origin=delivery.origin,
            mail_type=delivery.mail_type,
            mail_from=delivery.mail_from,
            recipient=delivery.recipient,
        )
        if choice.is_kept:
            result.kept.append(kept_in_mailbox(delivery, choice))
        elif choice.must_wait:
            wait = Wait(_ROUTE_SECONDS, choice.reason_code, choice.reason)
            result.waiting.setdefault(wait, []).append(delivery)
        else:
            is_direct = choice.spec.kind == "mx"
            domain = normal_domain(delivery.recipient.rpartition("@")[2]) if is_direct else ""
            courier = couriers.to(choice.spec, domain)
            result.outward.setdefault(courier, []).append(delivery)
    return result
