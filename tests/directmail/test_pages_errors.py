"""The pages that say that something went wrong."""

import pytest
from django.db import DataError, InterfaceError, OperationalError
from django.test import Client, RequestFactory
from django.views import defaults

from directmail.models import Operator
from tests.senders.factories import log_in

PAGES = [
    (defaults.server_error, (), 500, "Something went wrong"),
    (defaults.page_not_found, (Exception("secret detail"),), 404, "Nothing here"),
    (defaults.permission_denied, (Exception("secret detail"),), 403, "Not allowed"),
]


@pytest.mark.parametrize(("view", "arguments", "status", "heading"), PAGES)
def test_an_error_page_is_plain_and_leads_back(view, arguments, status, heading) -> None:
    page = view(RequestFactory().get("/x/"), *arguments)
    assert page.status_code == status
    assert f"<h1>{heading}</h1>" in page.text
    assert 'href="/"' in page.text
    assert "secret detail" not in page.text


@pytest.mark.django_db
def test_who_may_not_is_told_which_role_may_and_who_gives_it(client: Client) -> None:
    Operator.objects.create_user("boss@example.com", role="admin")
    Operator.objects.create_user("gone@example.com", role="admin", is_active=False)
    page = log_in(client, role="viewer").get("/sender-addresses/create/")
    assert "You are a viewer" in page.text
    assert "boss@example.com" in page.text
    assert "gone@example.com" not in page.text
    client.logout()
    assert "This is for admins" in log_in(client, role="operator").get("/routes/add/").text


@pytest.mark.django_db
def test_an_expired_form_says_what_to_do() -> None:
    page = Client(enforce_csrf_checks=True).post("/login/", {"login": "x"})
    assert page.status_code == 403
    assert "Please try again" in page.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("secret detail"), 503),
        (InterfaceError("secret detail"), 503),
        (DataError("secret detail"), 500),
    ],
    ids=["away", "cut off", "fault"],
)
def test_a_database_that_is_away_is_told_from_a_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32
    page = client.get("/")
    assert page.status_code == status
    assert "secret detail" not in page.text
    assert ("The database does not answer" in page.text) == (status == 503)
    assert page.headers.get("Retry-After") == ("10" if status == 503 else None)


def test_a_page_that_failed_keeps_the_chosen_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise DataError

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"], client.cookies["theme"] = "x" * 32, "dark"
    assert 'data-theme="dark"' in client.get("/").text
