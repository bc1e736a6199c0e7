"""The health of sender domains: what stopped, what is about to."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from directmail.health_checks.domains import sender_domains
from directmail.health_checks.wording import shown
from senders.sender_domain import GRACE
from tests.senders.domains.factories import make_domain

pytestmark = pytest.mark.django_db


def found() -> tuple[str, str]:
    result = sender_domains()
    return result.state, shown(result).sentence


def test_a_new_installation_that_keeps_all_mail_needs_no_domain(settings: Settings) -> None:
    settings.RELAY_URL, settings.ALLOW_UNVERIFIED_DOMAINS = "", False
    assert found()[0] == "ok"


@pytest.mark.parametrize(
    ("allows", "state", "code"),
    [(False, "warn", "domains.none"), (True, "ok", "domains.idle")],
    ids=["kept", "let out"],
)
def test_without_any_verified_domain_mail_that_should_leave_is_kept(
    settings: Settings, allows: bool, state: str, code: str
) -> None:
    settings.RELAY_URL, settings.ALLOW_UNVERIFIED_DOMAINS = "smtp://relay.example.net", allows
    make_domain()
    result = sender_domains()
    assert (result.state, result.code) == (state, code)


def test_the_worst_of_the_domains_is_told() -> None:
    now = timezone.now()
    make_domain("good.example", state="verified")
    assert found() == ("ok", "Verified: 1.")
    make_domain("a.example", state="failing", failing_since=now - timedelta(hours=70))
    make_domain("b.example", state="failing", failing_since=now - timedelta(hours=60))
    state, sentence = found()
    assert (state, "a.example, b.example" in sentence, "another 2 hours" in sentence) == (
        "warn",
        True,
        True,
    )
    make_domain("c.example", state="failing", failing_since=now - GRACE)
    state, sentence = found()
    assert (state, "What proved c.example has been missing" in sentence) == ("bad", True)
