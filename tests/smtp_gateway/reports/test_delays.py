"""Senders are warned, once, of mail that waits for long."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from smtp_gateway import queue
from smtp_gateway.dsn import RecipientDsn
from smtp_gateway.models import Delivery, DeliveryReport, Message, MessageContent
from smtp_gateway.reports import delays
from smtp_gateway.tasks import find_delayed_mail, make_due_reports
from tests.senders.factories import make_verified_sender
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.queued import lease
from tests.smtp_gateway.reports.parsing import parse

pytestmark = pytest.mark.django_db

LONG = timedelta(hours=5)


@pytest.fixture(autouse=True)
def from_the_beginning(db: None) -> None:
    for lane in delays.LANES:
        cache.delete(f"delayed-mail:{lane}")


def deferred(*, age: timedelta = LONG, **mail: Any) -> str:
    """A mail that was accepted so long ago, and was tried in vain."""
    queue_id = make_mail(accepted_at=timezone.now() - age, **mail)
    attempt_all(
        "deferred", lane=mail.get("mail_type", "trigger"), reply="451 4.7.1 Later", reason="Busy."
    )
    return queue_id


def warned() -> list[str]:
    """The recipients of whom the senders are warned."""
    reports = DeliveryReport.objects.filter(kind="delayed").order_by("id")
    return list(reports.values_list("delivery__recipient", flat=True))


@pytest.mark.parametrize("mail_type", ["trigger", "batch"])
def test_who_waits_for_four_hours_is_warned_of(mail_type: str) -> None:
    deferred(recipients=["late@x.test"], mail_type=mail_type)
    deferred(recipients=["soon@x.test"], mail_type=mail_type, age=timedelta(hours=3))
    find_delayed_mail()
    assert warned() == ["late@x.test"]


def test_once() -> None:
    deferred(recipients=["a@x.test", "b@x.test"])
    for _ in range(3):
        find_delayed_mail()
        Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=9))
    assert warned() == ["a@x.test", "b@x.test"]


def test_the_time_is_a_setting(settings: Settings) -> None:
    settings.DELAY_WARNING = timedelta(hours=6)
    deferred()
    find_delayed_mail()
    assert warned() == []


def test_none_is_a_setting_too(settings: Settings) -> None:
    settings.DELAY_WARNING = None
    deferred(recipient_dsn={"anna@example.org": RecipientDsn("DELAY")})
    find_delayed_mail()
    assert warned() == []


@pytest.mark.parametrize(
    "notify", ["", "NEVER", "FAILURE", "DELAY", "SUCCESS", "FAILURE,DELAY", "SUCCESS,FAILURE,DELAY"]
)
def test_unless_notify_leaves_delay_out(notify: str) -> None:
    deferred(recipients=["a@x.test"], recipient_dsn={"a@x.test": RecipientDsn(notify)})
    find_delayed_mail()
    assert warned() == ["a@x.test"] * (notify == "" or "DELAY" in notify)


@pytest.mark.parametrize("mail", [{"mail_from": ""}, {"origin": "system"}], ids=["null", "own"])
def test_nobody_is_warned_of_reports_and_of_our_own_mail(mail: dict[str, str]) -> None:
    deferred(**mail)
    find_delayed_mail()
    assert warned() == []


def test_what_has_ended_does_not_wait() -> None:
    for outcome in ("relayed", "bounced", "expired"):
        make_mail(accepted_at=timezone.now() - LONG)
        attempt_all(outcome)
    find_delayed_mail()
    assert warned() == []


def test_what_was_never_tried_and_is_due_is_warned_of() -> None:
    make_mail(recipients=["due@x.test"], accepted_at=timezone.now() - LONG)
    find_delayed_mail()
    assert warned() == ["due@x.test"]


def test_what_waits_for_its_turn_by_plan_is_not() -> None:
    make_mail(recipients=["paced@x.test"], accepted_at=timezone.now() - LONG)
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    find_delayed_mail()
    assert warned() == []
    Delivery.objects.update(reason_code="destination-busy", reason="It takes no more now.")
    find_delayed_mail()
    assert warned() == ["paced@x.test"]


def test_a_walk_through_many_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delays, "STEP", 2)
    monkeypatch.setattr(delays, "STEPS", 2)
    names = [f"{n}@x.test" for n in range(10)]
    for name in names:
        deferred(recipients=[name])
    # Several are due at the same moment.
    now = timezone.now()
    for number, delivery in enumerate(Delivery.objects.order_by("id")):
        due = now + timedelta(minutes=number // 4)
        Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=due)
    counts = []
    for _ in range(4):
        find_delayed_mail()
        counts.append(len(warned()))
    assert counts == [4, 8, 10, 10]
    assert sorted(warned()) == names


def test_who_was_missed_is_found_in_the_next_round() -> None:
    deferred(recipients=["a@x.test"])
    relay_id = queue.register_relay(host="elsewhere", pid=2)
    Delivery.objects.update(state="leased", leased_by=relay_id)
    find_delayed_mail()
    assert warned() == []
    Delivery.objects.update(state="queued", leased_by=None)
    find_delayed_mail()
    assert warned() == ["a@x.test"]


def test_the_sender_reads_why_it_waits_and_until_when() -> None:
    make_verified_sender("app@example.com", reply_to="help@example.com")
    queue_id = deferred(recipients=["late@x.test"])
    find_delayed_mail()
    make_due_reports()
    message = Message.objects.get(origin="system")
    made = parse(bytes(MessageContent.objects.get(message=message).body))
    assert made.mail["To"] == "help@example.com"
    assert made.mail["Subject"] == "Delayed: Hello"
    recipient = made.only()
    assert (recipient["action"], recipient["status"]) == ("delayed", "4.7.1")
    assert recipient["final-log-id"] == queue_id
    assert "will-retry-until" in recipient
    assert "late@x.test" in made.text


def test_a_failure_after_a_warning_is_reported_as_well() -> None:
    make_verified_sender("app@example.com")
    deferred()
    find_delayed_mail()
    make_due_reports()
    Delivery.objects.filter(message__origin="smtp").update(
        next_attempt_at=timezone.now() - timedelta(minutes=2)
    )
    relay_id = queue.register_relay(host="here", pid=1)
    (again,) = [d for d in lease(relay_id, limit=9) if d.origin == "smtp"]
    expired = queue.Outcome(again, "expired", timezone.now(), "smarthost")
    queue.record(relay_id=relay_id, outcomes=[expired])
    make_due_reports()
    assert Message.objects.filter(origin="system").count() == 2
    assert set(DeliveryReport.objects.values_list("kind", flat=True)) == {"delayed", "failed"}
