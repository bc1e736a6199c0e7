"""Who is told of an alarm, how often, and in which words."""

import email
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from directmail.alarms.tasks import send_due_alarms
from directmail.health_checks.standings import standings
from directmail.models import Operator
from senders.models import Standing
from smtp_gateway.models import Delivery, MessageContent
from smtp_gateway.standing.watching import watch
from tests.senders.factories import log_in, make_sender
from tests.smtp_gateway.standing.counted import count_day

pytestmark = pytest.mark.django_db

A = "a@example.com"


@pytest.fixture(autouse=True)
def real_queue(settings: Any) -> None:
    """Django's tests keep mail in memory otherwise."""
    settings.EMAIL_BACKEND = "smtp_gateway.mail_backend.QueueBackend"


def brake(mail_type: str = "batch", *, bounces: int = 80) -> None:
    make_sender(A, mail_type=mail_type)
    count_day(A, timezone.now(), relayed=1_000 - bounces, hard_bounces=bounces)
    watch(timezone.now())


def told() -> list[str]:
    return sorted(Delivery.objects.values_list("recipient", flat=True))


def mails() -> list[EmailMessage]:
    contents = MessageContent.objects.order_by("pk")
    return [email.message_from_bytes(bytes(row.body), policy=default) for row in contents]


def test_admins_and_operators_are_told_once_and_viewers_are_not() -> None:
    for name in ("admin", "operator", "viewer"):
        Operator.objects.create_user(f"{name}@example.com", role=name)
    Operator.objects.create_user("gone@example.com", role="admin", is_active=False)
    brake()
    send_due_alarms()
    send_due_alarms()
    assert told() == ["admin@example.com", "operator@example.com"]
    assert Standing.objects.get().alarmed_at is not None


def test_the_mail_says_what_happened_what_it_means_and_what_to_do() -> None:
    Operator.objects.create_user("admin@example.com", role="admin")
    brake()
    send_due_alarms()
    (mail,) = mails()
    text = mail.get_content()
    assert mail["Subject"] == "The brake of a@example.com is on"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "8.0 % of 1,000 mails in 24 hours were refused" in text
    assert "applications get a 451" in text
    assert "- Stop the application" in text
    assert f"/sender-addresses/{Standing.objects.get().pk}/standing/" in text


def test_each_reads_it_in_the_own_language() -> None:
    Operator.objects.create_user("admin@example.com", role="admin", language="zh-hans")
    brake("trigger", bounces=30)
    send_due_alarms()
    (mail,) = mails()
    assert A in mail["Subject"]


def test_an_alarm_that_is_over_is_not_told() -> None:
    Operator.objects.create_user("admin@example.com", role="admin")
    brake(bounces=30)
    Standing.objects.update(warning="", warned_at=None)
    send_due_alarms()
    assert (told(), Standing.objects.get().alarm_due_at) == ([], None)


def test_the_overview_says_whose_brake_is_on(client: Client) -> None:
    assert standings().state == "ok"
    brake()
    assert (standings().state, standings().facts["names"]) == ("bad", A)
    assert "The brake is on: a@example.com." in log_in(client).get("/").text


def test_a_brake_that_is_near_wants_to_be_looked_at() -> None:
    brake(bounces=30)
    assert (standings().state, standings().code) == ("warn", "standing.warned")
