"""Which mail goes out and which stays in the local mailbox."""

import pytest

from smtp_gateway.relay.routes import Route, RouteSpec, Routing

OUT = Route(RouteSpec(0, "test", "smarthost"))


def route(
    *,
    origin: str = "smtp",
    smarthost: bool = True,
    allow: bool = False,
    verified: tuple[str, ...] = (),
) -> Route:
    routing = Routing(
        smarthost=OUT.spec if smarthost else None,
        allow_unverified_domains=allow,
        domain_is_verified=lambda domain: domain in verified,
    )
    return routing.route(
        origin=origin,
        mail_type="trigger",
        mail_from="news@example.com",
        recipient="to@example.net",
    )


@pytest.mark.parametrize("origin", ["smtp", "console"])
def test_mail_of_an_unverified_domain_stays_here_and_says_why(origin: str) -> None:
    kept = route(origin=origin)
    assert (kept.spec.kind, kept.reason_code) == ("mailbox", "domain-unverified")
    assert kept.reason == (
        "Kept in the local mailbox: nobody has verified the domain example.com yet."
    )


def test_without_a_smarthost_both_reasons_are_named() -> None:
    kept = route(smarthost=False)
    assert (kept.spec.kind, kept.reason_code) == ("mailbox", "domain-unverified")
    assert kept.reason == (
        "Kept in the local mailbox: RELAY_URL is not set, and nobody has verified the domain"
        " example.com yet."
    )


@pytest.mark.parametrize("origin", ["smtp", "console"])
def test_mail_of_a_verified_domain_goes_out(origin: str) -> None:
    assert route(origin=origin, verified=("example.com",)) == OUT


@pytest.mark.parametrize("origin", ["smtp", "console"])
def test_mail_of_unverified_domains_goes_out_where_that_is_allowed(origin: str) -> None:
    assert route(origin=origin, allow=True) == OUT


def test_directmails_own_mail_goes_out_whatever_its_domain() -> None:
    assert route(origin="system") == OUT


@pytest.mark.parametrize("origin", ["smtp", "console", "system"])
def test_without_a_smarthost_everything_stays_here(origin: str) -> None:
    kept = route(origin=origin, smarthost=False, allow=True)
    assert (kept.spec.kind, kept.reason_code) == ("mailbox", "no-smarthost")
    assert kept.reason == "Kept in the local mailbox: RELAY_URL is not set."
