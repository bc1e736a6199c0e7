"""What has ended is forgotten when its time is over, and nothing that is open ever is."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from directmail.celery import app
from smtp_gateway import tasks
from smtp_gateway.models import (
    Attempt,
    CaughtMail,
    Delivery,
    DeliveryReport,
    Message,
    MessageContent,
    RefusedMail,
)
from smtp_gateway.queue import forgetting, ledger
from tests.smtp_gateway.mails import attempt_all, lease_all, make_caught, make_mail

pytestmark = pytest.mark.django_db

_DAY = timedelta(days=1)


def make_ended(*, days: float, content: bytes = b"x", **fields: object) -> str:
    """A mail that was relayed so many days ago; returns its queue id."""
    at = timezone.now() - days * _DAY
    queue_id = make_mail(accepted_at=at - timedelta(hours=1), content=content, **fields)
    attempt_all("relayed", at=at)
    return queue_id


def with_content() -> set[str]:
    return set(MessageContent.objects.values_list("message__queue_id", flat=True))


def kept() -> set[str]:
    return set(Message.objects.values_list("queue_id", flat=True))


@pytest.fixture
def at_once() -> Iterator[None]:
    """A task that goes on in another does so within the same call."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_content_goes_a_week_after_the_last_delivery_and_history_stays() -> None:
    old, young = make_ended(days=8), make_ended(days=6)
    tasks.forget_contents()
    assert with_content() == {young}
    assert kept() == {old, young}
    assert ledger.count().faults == []


def test_content_stays_while_one_recipient_still_waits(settings: Settings) -> None:
    settings.MAIL_CONTENT_LIFETIME = timedelta()
    at = timezone.now() - 20 * _DAY
    queue_id = make_mail(recipients=["a@x.test", "b@x.test"], accepted_at=at)
    attempt_all("relayed", at=at)
    for state in ("queued", "held"):
        Delivery.objects.filter(recipient="b@x.test").update(state=state, finished_at=None)
        tasks.forget_contents()
        tasks.forget_history()
        assert with_content() == {queue_id}


def test_what_a_relay_has_in_hand_is_never_touched() -> None:
    queue_id = make_mail(accepted_at=timezone.now() - 400 * _DAY)
    lease_all()
    tasks.forget_contents()
    tasks.forget_history()
    assert with_content() == kept() == {queue_id}


def test_without_days_content_goes_when_the_last_delivery_has_ended(settings: Settings) -> None:
    settings.MAIL_CONTENT_LIFETIME = timedelta()
    make_ended(days=0)
    tasks.forget_contents()
    assert with_content() == set()


def test_content_stays_until_the_report_about_it_is_made() -> None:
    queue_id = make_ended(days=100)
    report = DeliveryReport.objects.create(
        delivery=Delivery.objects.get(), kind="failed", due_at=timezone.now()
    )
    tasks.forget_contents()
    tasks.forget_history()
    assert with_content() == {queue_id}
    report.made_at = timezone.now()
    report.save()
    tasks.forget_history()
    assert not kept()
    assert not DeliveryReport.objects.exists()


def test_the_local_mailbox_keeps_content_and_history_as_long_as_the_mail(
    settings: Settings,
) -> None:
    at = timezone.now() - 120 * _DAY
    queue_id = make_caught(accepted_at=at)
    Delivery.objects.update(finished_at=at)
    for task in (tasks.forget_contents, tasks.forget_history):
        task()
    assert with_content() == {queue_id}
    CaughtMail.objects.update(caught_at=timezone.now() - 31 * _DAY)
    tasks.empty_mailbox()
    assert not CaughtMail.objects.exists()
    tasks.forget_contents()
    assert with_content() == set()
    tasks.forget_history()
    assert not kept()


def test_a_young_mail_stays_in_the_local_mailbox() -> None:
    make_caught()
    tasks.empty_mailbox()
    assert CaughtMail.objects.count() == 1


def test_history_goes_after_ninety_days_with_all_that_belongs_to_it() -> None:
    make_ended(days=91, recipients=["a@x.test", "b@x.test"])
    young = make_ended(days=89)
    tasks.forget_history()
    assert kept() == {young}
    assert (Delivery.objects.count(), Attempt.objects.count()) == (1, 1)
    assert with_content() == {young}
    assert ledger.count().faults == []


def test_refused_mail_goes_with_the_history() -> None:
    for days in (91, 1):
        RefusedMail.objects.create(
            at=timezone.now() - days * _DAY, sender_address="a@x.test", recipient_count=1,
            code="x", reply="550 5.7.1 No", client_ip="127.0.0.1", session_id="S",
        )  # fmt: skip
    tasks.forget_history()
    assert RefusedMail.objects.get().at > timezone.now() - 2 * _DAY


def test_a_walk_passes_over_what_it_keeps_and_takes_as_many_pieces_as_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forgetting, "_MESSAGES_EACH", 2)
    make_ended(days=9)
    open_one = make_mail(accepted_at=timezone.now() - 30 * _DAY)
    relay_id, _ = lease_all()
    for _ in range(4):
        make_ended(days=9)
    before = timezone.now() - 7 * _DAY
    walked = forgetting.walk(
        lambda after: forgetting.forget_contents(before=before, after=after), seconds=60
    )
    assert walked == forgetting.Walked(5, None)
    assert with_content() == {open_one}
    assert relay_id


@pytest.mark.parametrize("task", [tasks.forget_contents, tasks.forget_history])
def test_a_walk_that_runs_out_of_time_goes_on_where_it_stopped(
    task: object, at_once: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_HISTORY_LIFETIME = 7 * _DAY
    monkeypatch.setattr(forgetting, "_MESSAGES_EACH", 2)
    monkeypatch.setattr(tasks, "_WALK_SECONDS", 0.0)
    for _ in range(7):
        make_ended(days=9)
    task()  # type: ignore[operator]
    assert with_content() == set()


def test_large_contents_go_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "_BYTES_EACH", 2500)
    for _ in range(5):
        make_ended(days=9, content=b"x" * 1000)
    before = timezone.now() - 7 * _DAY
    first = forgetting.forget_contents(before=before, after=0)
    assert first.forgotten == 3
    assert first.after is not None
    assert forgetting.forget_contents(before=before, after=first.after).forgotten == 2


def test_mails_with_many_recipients_go_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "_RECIPIENTS_EACH", 4)
    for _ in range(3):
        make_ended(days=100, recipients=[f"{n}@x.test" for n in range(3)])
    before = timezone.now() - 90 * _DAY
    walked = forgetting.walk(
        lambda after: forgetting.forget_history(before=before, after=after), seconds=60
    )
    assert (walked.forgotten, Delivery.objects.count()) == (3, 0)


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_has_locked_is_left_for_the_next_time() -> None:
    locked, other = make_ended(days=100), make_ended(days=100)
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "host", "port")
    with psycopg.connect(**{k: parameters[k] for k in names if k in parameters}) as elsewhere:
        elsewhere.execute(
            "SELECT FROM smtp_gateway_message WHERE queue_id = %s FOR UPDATE", [locked]
        )
        elsewhere.execute(
            "SELECT FROM smtp_gateway_messagecontent AS content JOIN smtp_gateway_message AS mail"
            " ON mail.id = content.message_id WHERE queue_id = %s FOR UPDATE OF content",
            [locked],
        )
        tasks.forget_contents()
        assert with_content() == {locked}
        tasks.forget_history()
        assert kept() == {locked}
    assert other not in kept()
    tasks.forget_history()
    assert not kept()
