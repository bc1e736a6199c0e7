"""The pages that say that something went wrong."""

import pytest
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
