"""The mail with the link: sent once, whatever becomes of the broker."""

import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone, translation
from pytest_django import Settings

from directmail import places
from directmail.celery import app
from directmail.embedded import EmbeddedRedis
from directmail.named_servers import celery_broker
from smtp_gateway.models import Message
from tests.verification.factories import make_requested, make_verification
from verification import services
from verification.models import Verification
from verification.tasks import send_link_mail, send_waiting_mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(mailoutbox: list[EmailMultiAlternatives]) -> list[EmailMultiAlternatives]:
    return mailoutbox


def test_the_task_run_twice_sends_once(outbox: list[EmailMultiAlternatives]) -> None:
    verification, _ = make_requested(timezone.now())
    send_link_mail(verification.pk)
    send_link_mail(verification.pk)
    assert [mail.to for mail in outbox] == [["help@example.com"]]


def test_the_mail_is_found_again_by_its_message_id(outbox: list[EmailMultiAlternatives]) -> None:
    verification, _ = make_requested(timezone.now())
    send_link_mail(verification.pk)
    verification.refresh_from_db()
    assert outbox[0].extra_headers["Message-ID"] == verification.mail_message_id


def test_a_mail_that_is_swept_up_is_in_the_language_of_who_asked(
    outbox: list[EmailMultiAlternatives],
) -> None:
    with translation.override("zh-hans"):
        make_requested(timezone.now())
    with translation.override("en"):
        send_waiting_mails()
    assert "您好" in str(outbox[0].body)


def test_a_mail_that_was_never_asked_for_is_not_sent(outbox: list[EmailMultiAlternatives]) -> None:
    send_link_mail(make_verification().pk)
    send_link_mail(987654321)
    assert outbox == []


def test_the_mail_of_an_expired_link_is_not_sent(outbox: list[EmailMultiAlternatives]) -> None:
    verification, _ = make_requested(timezone.now() - timedelta(minutes=11))
    send_link_mail(verification.pk)
    assert outbox == []


def test_the_sweep_sends_what_a_lost_task_left(outbox: list[EmailMultiAlternatives]) -> None:
    make_requested(timezone.now())
    send_waiting_mails()
    send_waiting_mails()
    assert len(outbox) == 1


def test_a_mail_that_fails_holds_up_none_behind_it(
    outbox: list[EmailMultiAlternatives], caplog: pytest.LogCaptureFixture
) -> None:
    failing, _ = make_requested(timezone.now(), mailbox="two\nlines@example.com")
    make_requested(timezone.now(), mailbox="behind@example.com")
    send_waiting_mails()
    assert [mail.to for mail in outbox] == [["behind@example.com"]]
    (record,) = [r for r in caplog.records if r.name == "verification.tasks"]
    assert record.getMessage() == "verification.mail_not_queued"
    assert vars(record)["verification_id"] == failing.pk


def test_the_mail_takes_the_queue(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "smtp_gateway.mail_backend.QueueBackend"
    verification, _ = make_requested(timezone.now())
    send_link_mail(verification.pk)
    verification.refresh_from_db()
    message = Message.objects.get()
    assert message.origin == "system"
    assert message.message_id == verification.mail_message_id
    assert message.mail_from == settings.SYSTEM_MAIL_FROM


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_the_request_stands_and_the_sweep_sends(
    outbox: list[EmailMultiAlternatives], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(app.conf, "broker_write_url", f"redis+socket://{tmp_path}/nobody.sock")
    verification, _ = make_requested(timezone.now())
    assert verification.state(timezone.now()) == "sending"
    assert outbox == []
    send_waiting_mails()
    assert len(outbox) == 1


@pytest.fixture
def frozen_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Redis that takes connections and answers nothing."""
    with tempfile.TemporaryDirectory(prefix="dm-frozen-") as var_dir:
        broker = EmbeddedRedis(Path(var_dir))
        broker.start()
        assert broker.process is not None
        url = celery_broker(places.embedded_redis_url(Path(var_dir)))
        monkeypatch.setattr(app.conf, "broker_write_url", url)
        broker.process.send_signal(signal.SIGSTOP)
        yield
        broker.process.send_signal(signal.SIGCONT)
        broker.stop()


@pytest.mark.usefixtures("frozen_broker")
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_holds_the_page_up_for_moments_only(
    outbox: list[EmailMultiAlternatives],
) -> None:
    started = time.monotonic()
    make_requested(timezone.now())
    assert time.monotonic() - started < 10
    send_waiting_mails()
    assert len(outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_task_send_once(outbox: list[EmailMultiAlternatives]) -> None:
    verification, _ = make_requested(timezone.now())
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait(5)
        send_link_mail(verification.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(outbox) == 1


def test_the_mail_says_who_asks_why_how_long_and_that_ignoring_is_safe(
    outbox: list[EmailMultiAlternatives], settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://mail.example.com"
    verification, link = make_requested(timezone.now(), subject="news@xn--mller-kva.de")
    send_link_mail(verification.pk)
    text, html = str(outbox[0].body), str(outbox[0].alternatives[0][0])
    for part in (text, html):
        assert f"https://mail.example.com/verify/{link}/" in part
        assert "news@müller.de" in part
        assert "help@example.com" in part
        assert "10 minutes" in part
        assert "ignore this mail: nothing happens" in " ".join(part.split())
    assert outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"
    assert "{%" not in text + html
    assert "{#" not in text + html


def test_two_requests_have_two_mails(outbox: list[EmailMultiAlternatives]) -> None:
    now = timezone.now()
    verification, _ = make_requested(now - timedelta(minutes=10))
    send_waiting_mails()
    services.request_link(Verification.objects.get(pk=verification.pk), now=now)
    send_waiting_mails()
    assert len({mail.body for mail in outbox}) == len(outbox) == 1
