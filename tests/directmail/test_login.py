"""Logging in and out."""

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from directmail.models import Operator

# Attempts are counted in a table, so every test's transaction starts without any.
pytestmark = pytest.mark.django_db
EMAIL, PASSWORD = "operator@example.com", "correct horse battery"


@pytest.fixture(autouse=True)
def operator(db: None) -> Operator:
    return Operator.objects.create_user(EMAIL, PASSWORD)


def log_in(client: Client, email: str = EMAIL, password: str = PASSWORD) -> HttpResponse:
    return client.post("/login/", {"login": email, "password": password})


def test_the_page_has_a_form_and_leads_nowhere_else(client: Client) -> None:
    page = client.get("/login/")
    assert page.status_code == 200
    assert 'name="login"' in page.text
    assert "signup" not in page.text
    assert 'href="/account/password/forgotten/"' in page.text


@pytest.mark.parametrize("email", [EMAIL, "OPERATOR@Example.com"])
def test_an_operator_logs_in_and_comes_to_the_overview(client: Client, email: str) -> None:
    answer = log_in(client, email)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/sender-addresses/").status_code == 200


def test_log_in_leads_back_to_the_page_that_was_wanted(client: Client) -> None:
    page = client.get("/login/?next=/sender-addresses/")
    assert 'name="next" value="/sender-addresses/"' in page.text
    answer = client.post(
        "/login/", {"login": EMAIL, "password": PASSWORD, "next": "/sender-addresses/"}
    )
    assert answer.headers["Location"] == "/sender-addresses/"


def test_log_in_leads_to_no_other_site(client: Client) -> None:
    fields = {"login": EMAIL, "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/login/", fields).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("email", "password"), [(EMAIL, "never mind"), ("nobody@example.com", PASSWORD)]
)
def test_who_exists_is_not_told(client: Client, email: str, password: str) -> None:
    page = log_in(client, email, password)
    assert page.status_code == 200
    assert "E-mail address or password is wrong." in page.text
    assert f'value="{email}"' in page.text
    assert password not in page.text


def test_a_switched_off_operator_is_told_so(client: Client, operator: Operator) -> None:
    Operator.objects.filter(pk=operator.pk).update(is_active=False)
    answer = log_in(client)
    assert answer.headers["Location"] == "/login/"
    assert "This account is switched off." in client.get("/login/").text


def test_many_failures_stop_even_the_right_password(client: Client) -> None:
    for _ in range(5):
        log_in(client, password="wrong")
    page = log_in(client)
    assert "Too many failed attempts. Wait five minutes, then try again" in page.text
    assert client.get("/sender-addresses/").status_code == 302


def test_strangers_who_try_keep_nobody_out_of_a_browser_that_was_logged_in(client: Client) -> None:
    log_in(client)
    client.post("/logout/")
    for _ in range(6):
        log_in(Client(), password="wrong")
    assert "Too many failed attempts." in log_in(Client()).text
    assert log_in(client).status_code == 302


def test_there_attempts_are_counted_all_the_same(client: Client) -> None:
    log_in(client)
    client.post("/logout/")
    for _ in range(5):
        log_in(client, password="wrong")
    assert "Too many failed attempts." in log_in(client).text


def test_a_browser_is_known_for_who_logged_in_there_alone(client: Client) -> None:
    Operator.objects.create_user("other@example.com", PASSWORD)
    log_in(client, "other@example.com")
    client.post("/logout/")
    for _ in range(6):
        log_in(Client(), password="wrong")
    assert "Too many failed attempts." in log_in(client).text


def test_nobody_makes_a_browser_known(client: Client) -> None:
    client.cookies["known_device"] = f"made-up {EMAIL}:sig:nature"
    for _ in range(5):
        log_in(client, password="wrong")
    assert "Too many failed attempts." in log_in(Client()).text


def test_a_flood_of_attempts_is_answered_with_429(client: Client) -> None:
    for number in range(30):
        answer = client.post("/login/", {"login": f"x{number}", "password": ""})
        assert answer.status_code == 200
    answer = client.post("/login/", {"login": "x", "password": ""})
    assert answer.status_code == 429
    assert "Too many attempts" in answer.text


def test_log_out_is_a_post(client: Client, operator: Operator) -> None:
    client.force_login(operator)
    assert "Log out?" in client.get("/logout/").text
    assert client.get("/sender-addresses/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert client.get("/sender-addresses/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/signup/", "/login/code/", "/password/reset/", "/email/", "/inactive/"]
)
def test_no_other_account_page_is_there(client: Client, operator: Operator, path: str) -> None:
    client.force_login(operator)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("name", ["account_signup", "account_email"])
def test_no_other_account_page_has_an_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_counts_of_attempts_are_not_pushed_out_by_others() -> None:
    cache.set("0", "the first key to be dropped")
    for number in range(350):
        cache.set(f"another-{number}", 1)
    assert cache.get("0")
