"""Passwords of routes outlive a change of SECRET_KEY."""

import pytest
from pytest_django import Settings

from senders.sealing import seal, unseal
from smtp_gateway.models import Route
from smtp_gateway.routes.resealing import reseal_passwords
from smtp_gateway.tasks import reseal_route_passwords

FORMER, PRESENT = "f" * 50, "p" * 50

pytestmark = pytest.mark.django_db


def make_route(name: str, sealed_password: str) -> Route:
    return Route.objects.create(
        name=name, kind="smarthost", position=1, host="smtp.test", sealed_password=sealed_password
    )


def test_a_password_no_longer_needs_the_former_key(settings: Settings) -> None:
    settings.SECRET_KEY = FORMER
    route = make_route("one", seal(b"secret"))
    changed_at = route.changed_at
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = PRESENT, [FORMER]
    reseal_route_passwords()
    settings.SECRET_KEY_FALLBACKS = []
    route.refresh_from_db()
    assert unseal(route.sealed_password) == b"secret"
    assert route.changed_at == changed_at


def test_what_is_sealed_by_the_present_key_stays_as_it_is(settings: Settings) -> None:
    settings.SECRET_KEY = PRESENT
    route = make_route("one", seal(b"secret"))
    assert reseal_passwords() == 0
    assert Route.objects.get().sealed_password == route.sealed_password


def test_one_that_no_key_opens_keeps_no_other_from_it(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = FORMER
    make_route("lost", "sealed under what is gone")
    make_route("kept", seal(b"secret"))
    make_route("open", "")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = PRESENT, [FORMER]
    assert reseal_passwords() == 1
    assert "route.password_cannot_be_opened" in caplog.messages
