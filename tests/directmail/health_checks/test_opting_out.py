"""Whether recipients can leave with one click, as the overview tells it."""

import pytest
from pytest_django import Settings

from directmail.health_checks.opting_out import one_click
from tests.senders.deciding import decide
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db


def found() -> tuple[str, str]:
    result = one_click()
    return result.state, result.code


def test_http_is_told_where_mail_gets_links_for_one_click(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://mail.example.com"
    make_sender("app@example.com", mail_type="trigger")
    assert found() == ("ok", "one-click.idle")
    make_sender("news@example.com", mail_type="batch")
    assert found() == ("warn", "one-click.not-https")
    decide("batch", unsubscribe="none")
    assert found() == ("ok", "one-click.idle")


def test_https_is_good(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://mail.example.com"
    make_sender("news@example.com", mail_type="batch")
    assert found() == ("ok", "one-click.ok")
