"""Routes: search, filter and the file."""

import csv
import io

import pytest
from django.test import Client

from smtp_gateway.models import Route

URL = "/routes/"


def make_routes(count: int = 3) -> None:
    for n in range(1, count + 1):
        Route.objects.create(
            name=f"Route {n}", kind="smarthost", position=n, host=f"smtp{n}.example.net",
            recipient_domains="x.example" if n == 2 else "", is_enabled=n != 3,
        )  # fmt: skip


def shown(console: Client, **query: str) -> list[str]:
    return [row.spec.name for row in console.get(URL, query).context["rows"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, ["Route 1", "Route 2", "Route 3"], id="all"),
        pytest.param({"q": "route 2"}, ["Route 2"], id="name"),
        pytest.param({"q": "X.EXAMPLE"}, ["Route 2"], id="domain"),
        pytest.param({"q": "smtp3"}, ["Route 3"], id="server"),
        pytest.param({"state": "on"}, ["Route 1", "Route 2"], id="on"),
        pytest.param({"state": "off"}, ["Route 3"], id="off"),
    ],
)
def test_routes_are_found_in_their_order(
    console: Client, query: dict[str, str], expected: list[str]
) -> None:
    make_routes()
    assert shown(console, **query) == expected


def test_the_default_is_shown_below_all_routes_and_not_among_found_ones(console: Client) -> None:
    make_routes()
    assert 'id="route-default"' in console.get(URL).text
    assert 'id="route-default"' not in console.get(URL, {"q": "route 2"}).text
    nothing = console.get(URL, {"q": "nowhere"}).text
    assert "No route found" in nothing
    assert "Show all routes" in nothing


def test_many_routes_have_pages_and_keep_their_numbers(console: Client) -> None:
    make_routes(60)
    first = console.get(URL)
    assert 'id="route-default"' not in first.text
    second = console.get(first.context["list"].below_url)
    assert [row.number for row in second.context["rows"]] == list(range(51, 61))
    back = console.get(second.context["list"].above_url)
    assert [row.number for row in back.context["rows"]] == list(range(1, 51))


def test_the_file_has_no_password(console: Client) -> None:
    make_routes()
    Route.objects.filter(position=1).update(user="shop", sealed_password="sealed-secret")
    response = console.get(f"{URL}export/", {"state": "on"})
    content = b"".join(response.streaming_content).decode()  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["name"] for row in rows] == ["Route 1", "Route 2"]
    assert rows[1]["recipient_domains"] == "x.example"
    assert "secret" not in content
