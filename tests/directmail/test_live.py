"""News of a part of a page: the part where it has changed, and 204 where it has not."""

import pytest
from django.test import Client

from directmail.models import Operator
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db
LIST, HTMX = "/sender-addresses/", {"HX-Request": "true"}


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(Operator.objects.create_user("operator@example.com"))
    return client


def version_of_list(console: Client) -> str:
    answer = console.get(LIST, headers={**HTMX, "Live-Version": "none"})
    assert answer.status_code == 200
    return answer.headers["Live-Version"]


def test_what_has_not_changed_is_not_sent(console: Client) -> None:
    make_sender("news@example.com")
    known = version_of_list(console)
    answer = console.get(LIST, headers={**HTMX, "Live-Version": known})
    assert answer.status_code == 204
    assert answer.content == b""


def test_what_has_changed_comes_with_its_version(console: Client) -> None:
    known = version_of_list(console)
    make_sender("news@example.com")
    answer = console.get(LIST, headers={**HTMX, "Live-Version": known})
    assert "news@example.com" in answer.text
    assert answer.headers["Live-Version"] not in ("none", known)


def test_who_does_not_ask_for_news_gets_the_part(console: Client) -> None:
    answer = console.get(LIST, headers=HTMX)
    assert answer.status_code == 200
    assert "Live-Version" not in answer.headers


def test_a_part_that_leads_to_the_log_in_is_no_news(client: Client) -> None:
    answer = client.get(LIST, headers={**HTMX, "Live-Version": "none"})
    assert answer.headers["HX-Redirect"].startswith("/login/")
