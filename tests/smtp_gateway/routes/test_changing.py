"""Order, switches and deletion, and the line that every change leaves in the log."""

import logging

import pytest
from django.test import Client

from smtp_gateway.models import Route
from tests.smtp_gateway.routes.factories import PASSWORD, make_route
from tests.smtp_gateway.routes.pages import HTMX, add, fields, text_of


def names() -> list[str]:
    return [route.name for route in Route.objects.all()]


def test_a_route_moves_up_and_down(console: Client) -> None:
    routes = {name: make_route(name, position=9) for name in ("A", "B", "C")}
    for name, direction, order in (
        ("C", "up", "ACB"), ("C", "up", "CAB"), ("C", "up", "CAB"), ("A", "down", "CBA"),
        ("A", "down", "CBA"),
    ):  # fmt: skip
        response = console.post(f"/routes/{routes[name].pk}/move/", {"direction": direction})
        assert response["Location"] == "/routes/"
        assert names() == list(order)
    assert list(Route.objects.values_list("position", flat=True)) == [1, 2, 3]


def test_a_move_to_nowhere_is_refused(console: Client) -> None:
    response = console.post(f"/routes/{make_route().pk}/move/", {"direction": "\0sideways"})
    assert response.status_code == 400


def test_a_route_is_switched_off_and_on(console: Client) -> None:
    route = make_route("One")
    console.post(f"/routes/{route.pk}/disable/")
    route.refresh_from_db()
    assert not route.is_enabled
    response = console.post(f"/routes/{route.pk}/enable/", headers=HTMX)
    route.refresh_from_db()
    assert route.is_enabled
    assert response.status_code == 204
    assert "The route One is on." in response["HX-Trigger"]


@pytest.mark.parametrize("action", ["move", "enable", "disable"])
def test_a_link_changes_nothing(console: Client, action: str) -> None:
    assert console.get(f"/routes/{make_route().pk}/{action}/").status_code == 405


def test_a_route_is_deleted_after_a_question(console: Client) -> None:
    route = make_route("Old")
    assert "Delete this route?" in text_of(console, f"/routes/{route.pk}/delete/")
    assert names() == ["Old"]
    assert console.post(f"/routes/{route.pk}/delete/")["Location"] == "/routes/"
    assert names() == []


@pytest.mark.parametrize("page", ["", "move/", "enable/", "disable/", "delete/", "test/"])
def test_a_route_that_is_gone_is_not_found(console: Client, page: str) -> None:
    assert console.post(f"/routes/999/{page}", {"direction": "up"}).status_code == 404
    assert console.post(f"/routes/{'9' * 30}/{page}", {"direction": "up"}).status_code == 404


def test_every_page_asks_for_the_token_of_its_form(console: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = console.cookies
    route = make_route()
    pages = ("add/", f"{route.pk}/", f"{route.pk}/move/", f"{route.pk}/delete/", "default/test/")
    for page in pages:
        assert strict.post(f"/routes/{page}", fields()).status_code == 403, page


def changes_in(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str, str]]:
    """Operator, route, change and fields of each line."""
    found = [vars(line) for line in caplog.records if line.getMessage() == "route.changed"]
    return [(each["operator"], each["route"], each["change"], each["fields"]) for each in found]


def test_every_change_leaves_a_line_without_secrets(
    console: Client, caplog: pytest.LogCaptureFixture
) -> None:
    make_route("First", position=1)
    with caplog.at_level(logging.INFO):
        route = add(console)
        page = f"/routes/{route.pk}/"
        console.post(page, fields(password="another secret", port="587", security="required"))
        console.post(page, fields(password="", port="587", security="required"))
        console.post(f"{page}disable/")
        console.post(f"{page}disable/")
        console.post(f"{page}move/", {"direction": "up"})
        console.post(f"{page}move/", {"direction": "up"})
        console.post(f"{page}delete/")
    who = "operator@example.com", "Newsletter relay"
    created, *others = changes_in(caplog)
    assert created[:3] == (*who, "created")
    assert created[3].endswith(",password")
    assert others == [
        (*who, "changed", "port,security,password"),
        (*who, "disabled", "is_enabled"),
        (*who, "moved", "position"),
        (*who, "deleted", ""),
    ]
    lines = "\n".join(str(vars(line)) for line in caplog.records)
    assert PASSWORD not in lines
    assert "another secret" not in lines
