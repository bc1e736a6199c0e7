"""What was leased, by destination."""

import pytest

from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.routing import RouteSpec, Routing
from smtp_gateway.relay.sorting import sort_out
from tests.smtp_gateway.relay.sending import LADDERS, make_delivery


@pytest.mark.parametrize(
    "recipients",
    [
        ["a@x.test", "b@X.Test", "c@x.test."],
        ["a@bücher.test", "b@BÜCHER.test", "c@xn--bcher-kva.test"],
        ["a@[192.0.2.1]"],
        ["a@[IPv6:2001:db8::1]", "b@[ipv6:2001:DB8::1]"],
    ],
    ids=["name", "international", "IPv4", "IPv6"],
)
def test_one_domain_is_one_destination_however_it_is_written(recipients: list[str]) -> None:
    direct = RouteSpec(1, "Direct", "mx")
    routing = Routing(
        default=direct, allow_unverified_domains=True, domain_is_verified=lambda domain: False
    )

    def open_nothing(whither: object) -> object:
        return None

    couriers = Couriers(open_nothing, LADDERS)  # type: ignore[arg-type]
    result = sort_out([make_delivery(to) for to in recipients], routing, couriers)
    assert [len(deliveries) for deliveries in result.outward.values()] == [len(recipients)]
