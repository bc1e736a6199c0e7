"""A verification hears what became of its mail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway import own_mail
from smtp_gateway.queue import Outcome
from tests.smtp_gateway.relay.sending import make_delivery
from verification.models import State, Verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def verification() -> Verification:
    return Verification.objects.create(
        mailbox="a@x.test",
        subject="app@example.com",
        link_id="L",
        requested_at=timezone.now(),
        mail_message_id="<1@example.com>",
    )


def problem_after(verification: Verification, name: str, **changes: object) -> str:
    delivery = make_delivery("a@x.test", **{"origin": "system", **changes})
    later = timezone.now() + timedelta(minutes=1) if name == "deferred" else None
    outcome = Outcome(
        delivery,
        name,
        timezone.now(),
        "smarthost",
        reason="It was so.",
        next_attempt_at=later,  # type: ignore[arg-type]
    )
    own_mail.report([outcome])
    verification.refresh_from_db()
    return verification.mail_problem


@pytest.mark.parametrize("name", ["bounced", "expired"])
def test_a_mail_that_failed_says_why(verification: Verification, name: str) -> None:
    assert problem_after(verification, name) == "It was so."
    assert verification.state(timezone.now()) == State.NOT_SENT


def test_a_mail_that_waits_says_so_until_it_is_relayed(verification: Verification) -> None:
    assert problem_after(verification, "deferred") == "Waiting: It was so."
    assert problem_after(verification, "relayed") == ""
    assert verification.state(timezone.now()) == State.SENT


def test_other_mail_with_the_same_message_id_means_nothing(verification: Verification) -> None:
    assert problem_after(verification, "bounced", origin="smtp") == ""
