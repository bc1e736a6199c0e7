"""The way of a delivery: the first route that matches, the default, or the local mailbox."""

from collections.abc import Sequence

import pytest

from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.routing import KEPT_HERE, Choice, RouteSpec, Routing

DEFAULT = RouteSpec(0, "RELAY_URL", "smarthost", NextHop("relay.example.net", 587))
NO_DEFAULT = RouteSpec(0, "Local mailbox", "mailbox")


def smarthost(route_id: int, **matching: object) -> RouteSpec:
    hop = NextHop(f"hop{route_id}.example.net", 25)
    return RouteSpec(route_id, f"Route {route_id}", "smarthost", hop, **matching)  # type: ignore[arg-type]


def make_routing(
    *routes: RouteSpec,
    default: RouteSpec = DEFAULT,
    allow: bool = True,
    verified: Sequence[str] = (),
) -> Routing:
    return Routing(
        routes=routes,
        default=default,
        allow_unverified_domains=allow,
        domain_is_verified=lambda domain: domain in verified,
    )


def choose(
    routing: Routing,
    *,
    origin: str = "smtp",
    mail_type: str = "trigger",
    mail_from: str = "news@example.com",
    recipient: str = "anna@example.org",
) -> Choice:
    return routing.route(
        origin=origin, mail_type=mail_type, mail_from=mail_from, recipient=recipient
    )


def test_a_domain_is_asked_for_in_normal_form_and_once() -> None:
    asked = []
    routing = Routing(
        default=DEFAULT,
        allow_unverified_domains=False,
        domain_is_verified=lambda domain: not asked.append(domain),  # type: ignore[func-returns-value]
    )
    for mail_from in ("a@bücher.example", "b@bücher.example"):
        assert choose(routing, mail_from=mail_from) == Choice(DEFAULT)
    assert asked == ["xn--bcher-kva.example"]


def test_without_routes_mail_takes_the_default() -> None:
    assert choose(make_routing()) == Choice(DEFAULT)


def test_the_first_route_that_matches_takes_the_mail() -> None:
    routing = make_routing(
        smarthost(1, recipient_domains=("other.example",)), smarthost(2), smarthost(3)
    )
    assert choose(routing).spec.route_id == 2
    assert choose(routing, recipient="anna@other.example").spec.route_id == 1


@pytest.mark.parametrize(
    ("matching", "takes"),
    [
        ({}, True),
        ({"mail_type": "trigger"}, True),
        ({"mail_type": "batch"}, False),
        ({"sender_domains": ("example.com",)}, True),
        ({"sender_domains": ("*.example.com",)}, False),
        ({"recipient_domains": ("a.example", "example.org")}, True),
        ({"sender_domains": ("example.com",), "recipient_domains": ("a.example",)}, False),
        ({"mail_type": "batch", "sender_domains": ("example.com",)}, False),
        (
            {
                "mail_type": "trigger",
                "sender_domains": ("example.com",),
                "recipient_domains": ("example.org",),
            },
            True,
        ),
    ],
    ids=str,
)
def test_a_route_takes_what_matches_all_that_it_names(
    matching: dict[str, object], takes: bool
) -> None:
    assert (choose(make_routing(smarthost(1, **matching))).spec.route_id == 1) is takes


@pytest.mark.parametrize("recipient", ["anna@BÜCHER.example", "anna@xn--bcher-kva.EXAMPLE"])
def test_a_recipient_domain_matches_however_it_is_written(recipient: str) -> None:
    routing = make_routing(smarthost(1, recipient_domains=("xn--bcher-kva.example",)))
    assert choose(routing, recipient=recipient).spec.route_id == 1


def test_the_null_sender_matches_no_sender_domain() -> None:
    routing = make_routing(smarthost(1, sender_domains=("*.com", "example.com")), smarthost(2))
    assert choose(routing, mail_from="").spec.route_id == 2


def test_directmails_own_mail_takes_the_routes_too() -> None:
    routing = make_routing(smarthost(1, mail_type="trigger"), allow=False)
    assert choose(routing, origin="system").spec.route_id == 1


@pytest.mark.parametrize("origin", ["smtp", "console"])
def test_mail_of_an_unverified_domain_stays_here_whatever_route_matches(origin: str) -> None:
    kept = choose(make_routing(smarthost(1), allow=False), origin=origin)
    assert (kept.spec, kept.reason_code) == (KEPT_HERE, "domain-unverified")
    assert kept.reason == (
        "Kept in the local mailbox: nobody has verified the domain example.com yet."
    )
    assert kept.is_kept


def test_without_a_way_out_both_reasons_are_named() -> None:
    kept = choose(make_routing(default=NO_DEFAULT, allow=False))
    assert (kept.is_kept, kept.reason_code) == (True, "domain-unverified")
    assert kept.reason == (
        "Kept in the local mailbox: RELAY_URL is not set, and nobody has verified the domain"
        " example.com yet."
    )


@pytest.mark.parametrize("origin", ["smtp", "console"])
def test_mail_of_a_verified_domain_goes_out(origin: str) -> None:
    routing = make_routing(allow=False, verified=["example.com"])
    assert choose(routing, origin=origin) == Choice(DEFAULT)
    assert choose(routing, origin=origin, mail_from="a@example.org").is_kept


@pytest.mark.parametrize("origin", ["smtp", "system"])
def test_without_relay_url_the_default_is_the_local_mailbox(origin: str) -> None:
    kept = choose(make_routing(default=NO_DEFAULT), origin=origin)
    assert (kept.is_kept, kept.reason_code) == (True, "no-smarthost")
    assert kept.reason == "Kept in the local mailbox: RELAY_URL is not set."


def test_a_route_into_the_mailbox_says_so_even_for_an_unverified_domain() -> None:
    trials = RouteSpec(4, "Trials", "mailbox", recipient_domains=("example.org",))
    kept = choose(make_routing(trials, allow=False))
    assert (kept.spec, kept.reason_code) == (trials, "mailbox-route")
    assert kept.reason == "Kept in the local mailbox by the route “Trials”."


def test_mail_of_a_route_that_cannot_be_used_waits_and_takes_no_other() -> None:
    broken = RouteSpec(5, "Broken", "smarthost", problem="Its password cannot be read.")
    choice = choose(make_routing(broken, smarthost(6)))
    assert (choice.spec, choice.must_wait, choice.is_kept) == (broken, True, False)
    assert choice.reason_code == "route-unusable"
    assert choice.reason == "The route “Broken” cannot be used: Its password cannot be read."


def test_a_way_out_has_no_reason_and_does_not_wait() -> None:
    choice = choose(make_routing(smarthost(1)))
    assert (choice.reason_code, choice.reason) == ("", "")
    assert not choice.must_wait
    assert not choice.is_kept


def test_the_choice_is_made_once_for_all_mail_between_two_domains() -> None:
    asked: list[str] = []

    class Counting(RouteSpec):
        def takes(self, mail_type: str, sender_domain: str, recipient_domain: str) -> bool:
            asked.append(recipient_domain)
            return True

    routing = make_routing(Counting(1, "Counting", "mx"))
    for number in range(50):
        choose(routing, recipient=f"to{number}@example.org")
    choose(routing, recipient="to@example.net")
    assert asked == ["example.org", "example.net"]
