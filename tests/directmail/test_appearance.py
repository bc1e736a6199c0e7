"""The theme: chosen by a form, kept in a cookie, known before anybody logs in."""

import pytest
from django.test import Client

from directmail.models import Operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(Operator.objects.create_user("operator@example.com"))
    return client


def choose(client: Client, theme: str, back: str = "/mail-log/?q=x"):
    return client.post("/theme/", {"theme": theme, "next": back})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_stands_on_every_page(console: Client, theme: str) -> None:
    assert choose(console, theme).headers["Location"] == "/mail-log/?q=x"
    for path in ("/", "/sender-addresses/", "/nothing/"):
        text = console.get(path).text
        assert f'data-theme="{theme}"' in text
        assert f'name="color-scheme" content="{theme}"' in text


def test_the_log_in_page_has_it_too(console: Client) -> None:
    choose(console, "dark")
    console.logout()
    console.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in console.get("/login/").text


def test_without_a_choice_the_system_decides(console: Client) -> None:
    text = console.get("/").text
    assert "data-theme" not in text.split("<body")[0]
    assert 'content="light dark"' in text


def test_the_choice_can_be_taken_back(console: Client) -> None:
    choose(console, "dark")
    choose(console, "system")
    assert "data-theme" not in console.get("/").text.split("<body")[0]


def test_what_is_no_theme_is_refused_and_a_foreign_cookie_means_nothing(console: Client) -> None:
    assert choose(console, 'x" onload="').status_code == 400
    console.cookies["theme"] = 'x" onload="'
    assert "onload" not in console.get("/").text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", ""])
def test_the_way_back_leads_nowhere_else(console: Client, back: str) -> None:
    assert choose(console, "dark", back).headers["Location"] == "/"


def test_choosing_is_a_post_that_nobody_else_can_send() -> None:
    assert Client().get("/theme/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"}).status_code == 403


def test_the_cookie_is_no_scripts_business(console: Client) -> None:
    cookie = choose(console, "dark").cookies["theme"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
