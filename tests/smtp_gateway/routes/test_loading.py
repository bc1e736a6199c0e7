"""From the table and the settings to the relay's values."""

import logging

import pytest
from pytest_django import Settings

from smtp_gateway.models import Route
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.routing import RouteSpec, Routing
from smtp_gateway.routes.loading import load_routing, routing_version
from tests.smtp_gateway.routes.factories import PASSWORD, make_route

pytestmark = pytest.mark.django_db


def load() -> Routing:
    return load_routing()


def test_without_anything_set_mail_stays_in_the_local_mailbox(settings: Settings) -> None:
    settings.RELAY_URL = ""
    routing = load()
    assert (routing.routes, routing.default) == ((), RouteSpec(0, "Local mailbox", "mailbox"))


def test_the_default_is_made_of_the_settings(settings: Settings) -> None:
    settings.RELAY_URL, settings.RELAY_CONNECTIONS = "smtp://u:p@relay.example.net:587", 7
    assert load().default == RouteSpec(
        0,
        "RELAY_URL",
        "smarthost",
        NextHop("relay.example.net", 587, user="u", password="p", verify_tls=True),
        max_connections=7,
    )


def test_everything_of_a_route_comes_along() -> None:
    route = make_route(
        "Partner",
        port=465,
        security="implicit",
        user="directmail",
        password=PASSWORD,
        mail_type="batch",
        sender_domains="example.com\n*.example.com",
        recipient_domains="example.org",
        source_ipv4="127.0.0.1",
        source_ipv6="::1",
        max_connections=3,
        mails_per_connection=20,
        mails_per_minute=60,
    )
    assert load().routes == (
        RouteSpec(
            route.pk,
            "Partner",
            "smarthost",
            NextHop(
                "smtp.example.net",
                465,
                Security.IMPLICIT,
                "directmail",
                PASSWORD,
                verify_tls=True,
                source_ipv4="127.0.0.1",
                source_ipv6="::1",
            ),
            source_ipv4="127.0.0.1",
            source_ipv6="::1",
            max_connections=3,
            mails_per_connection=20,
            mails_per_minute=60,
            mail_type="batch",
            sender_domains=("example.com", "*.example.com"),
            recipient_domains=("example.org",),
        ),
    )


def test_routes_come_in_their_order_without_those_that_are_off() -> None:
    make_route("Last", position=3, kind="mailbox")
    make_route("Off", position=1, is_enabled=False)
    make_route("First", position=2, kind="mx")
    assert [(spec.name, spec.kind, spec.hop) for spec in load().routes] == [
        ("First", "mx", None),
        ("Last", "mailbox", None),
    ]


@pytest.mark.parametrize(
    ("changes", "verifies"),
    [
        ({"security": "when-offered"}, False),
        ({"security": "when-offered", "user": "u"}, True),
        ({"security": "required"}, True),
        ({"security": "implicit"}, True),
        ({"security": "implicit", "verify_tls": False}, False),
    ],
    ids=str,
)
def test_certificates_are_checked_where_that_is_worth_something(
    changes: dict[str, object], verifies: bool
) -> None:
    make_route(**changes)
    (spec,) = load().routes
    assert spec.hop is not None
    assert spec.hop.verify_tls is verifies


def test_a_route_whose_password_cannot_be_read_makes_its_mail_wait(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    make_route("Partner", user="u", password=PASSWORD)
    settings.SECRET_KEY = "another key " * 5
    with caplog.at_level(logging.ERROR):
        routing = load()
    choice = routing.route(
        origin="system", mail_type="trigger", mail_from="a@example.com", recipient="b@example.org"
    )
    assert (choice.must_wait, choice.reason_code) == (True, "route-unusable")
    assert "SECRET_KEY" in choice.reason
    (line,) = caplog.records
    assert (line.getMessage(), vars(line)["route"]) == ("route.unusable", "Partner")


def test_a_former_key_still_opens_a_password(settings: Settings) -> None:
    make_route(user="u", password=PASSWORD)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key " * 5
    settings.SECRET_KEY_FALLBACKS = [former]
    (spec,) = load().routes
    assert spec.hop is not None
    assert spec.hop.password == PASSWORD


def test_the_version_differs_after_every_change() -> None:
    seen = [routing_version()]
    first, second = make_route(), make_route()
    seen.append(routing_version())
    first.position = 99
    first.save()
    seen.append(routing_version())
    second.delete()
    seen.append(routing_version())
    assert len(set(seen)) == len(seen)
    Route.objects.get()
    assert routing_version() == seen[-1]
