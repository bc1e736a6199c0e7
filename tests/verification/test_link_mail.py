"""What the mailbox's owner reads."""

from datetime import UTC, datetime

import pytest

from tests.verification.factories import make_requested
from verification.mail import link_mail
from verification.models import LINK_LIFETIME

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_text_and_html_say_who_asks() -> None:
    verification, _ = make_requested(NOW)
    verification.requested_by = "operator@example.com"
    mail = link_mail(verification)
    for text in (str(mail.body), str(mail.alternatives[0].content)):
        assert "operator@example.com, who manages the sender address" in text
        assert "ignore this mail" in text


def test_the_mail_is_given_up_when_its_link_has_expired() -> None:
    verification, _ = make_requested(NOW)
    assert link_mail(verification).expires_at == NOW + LINK_LIFETIME
