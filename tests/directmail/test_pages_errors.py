"""The pages that say that something went wrong."""

import pytest
from django.db import DataError, InterfaceError, OperationalError
from django.test import Client, RequestFactory
from django.views import defaults

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
