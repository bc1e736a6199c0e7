"""Reports that are due become mail to the sender's reply-to address, or stay in the console."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from senders.models import SenderAddress
from smtp_gateway import queue
from smtp_gateway.dsn import MailDsn, RecipientDsn
from smtp_gateway.models import (
    Attempt,
    CaughtMail,
    Delivery,
    DeliveryReport,
    Message,
    MessageContent,
)
from smtp_gateway.relay.classify import RULES
from smtp_gateway.reports import reporter
from smtp_gateway.tasks import make_due_reports
from tests.senders.factories import make_sender, make_verified_sender
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.queued import lease
from tests.smtp_gateway.reports.parsing import Report, parse

pytestmark = pytest.mark.django_db
REFUSAL = "550 5.1.1 No such user"


@pytest.fixture
def sender() -> SenderAddress:
    return make_verified_sender("app@example.com", reply_to="help@example.com")


def bounce(**mail: object) -> str:
    """A mail that bounced for all its recipients; its queue id."""
    queue_id = make_mail(**mail)  # type: ignore[arg-type]
    attempt_all("bounced", reply=REFUSAL, reason=f"mx refused this recipient: {REFUSAL}")
    return queue_id


def reports() -> list[Message]:
    """The mails that report, in their order."""
    return list(Message.objects.filter(origin="system", mail_from="").order_by("id"))


def read(message: Message) -> Report:
    return parse(bytes(MessageContent.objects.get(message=message).body))


def test_the_report_goes_to_the_verified_reply_to_of_the_sender(sender: SenderAddress) -> None:
    queue_id = bounce()
    make_due_reports()
    (message,) = reports()
    delivery = message.deliveries.get()
    assert (delivery.recipient, delivery.state, delivery.lane) == (
        "help@example.com", "queued", "trigger",
    )  # fmt: skip
    assert (message.mail_from, message.sender_address, message.needs_smtputf8) == ("", "", False)
    assert message.subject == "Not delivered: Hello"
    made = read(message)
    assert made.mail["To"] == "help@example.com"
    assert made.mail["Message-ID"] == message.message_id
    assert made.mail["References"] == "<1@example.com>"
    assert made.only()["final-recipient"] == "rfc822; anna@example.org"
    assert made.only()["diagnostic-code"] == f"smtp; {REFUSAL}"
    assert made.only()["final-log-id"] == queue_id
    assert f"/mail-log/{queue_id}/" in made.text
    report = DeliveryReport.objects.get()
    assert (report.queue_id, report.is_kept_here) == (message.queue_id, False)
    assert report.made_at is not None


def test_a_report_is_made_once(sender: SenderAddress) -> None:
    bounce()
    for _ in range(2):
        make_due_reports()
    assert len(reports()) == 1


def test_a_report_that_bounces_is_never_reported(sender: SenderAddress) -> None:
    bounce()
    make_due_reports()
    attempt_all("bounced")
    make_due_reports()
    assert len(reports()) == 1
    assert DeliveryReport.objects.count() == 1


def test_the_recipients_of_a_mail_are_told_of_in_one_report(sender: SenderAddress) -> None:
    bounce(recipients=["a@x.test", "b@x.test", "c@x.test"])
    bounce(recipients=["d@x.test"])
    make_due_reports()
    told = [[r["final-recipient"] for r in read(message).recipients] for message in reports()]
    assert told == [
        ["rfc822; a@x.test", "rfc822; b@x.test", "rfc822; c@x.test"],
        ["rfc822; d@x.test"],
    ]
    assert {report.queue_id for report in DeliveryReport.objects.all()} == {
        message.queue_id for message in reports()
    }


def test_even_where_a_round_looks_at_fewer_reports_than_a_mail_has(
    sender: SenderAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "_REPORTS", 1)
    bounce(recipients=["a@x.test", "b@x.test"])
    bounce(recipients=["c@x.test"])
    make_due_reports()
    assert [len(read(message).recipients) for message in reports()] == [2, 1]


def test_what_the_client_asked_for_is_in_the_report(sender: SenderAddress) -> None:
    bounce(
        dsn=MailDsn("FULL", "order+2B42"),
        recipient_dsn={"anna@example.org": RecipientDsn("FAILURE", "rfc822;sales@example.org")},
    )
    make_due_reports()
    made = read(reports()[0])
    assert made.about_mail["original-envelope-id"] == "order+42"
    assert made.only()["original-recipient"] == "rfc822; sales@example.org"
    assert made.returned_type == "message/rfc822"
    assert made.returned.endswith(b"Hello Anna.\r\n")


def test_of_a_large_mail_only_the_headers_come_back(
    sender: SenderAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "MAX_RETURNED_BYTES", 10)
    bounce(dsn=MailDsn("FULL", ""))
    make_due_reports()
    made = read(reports()[0])
    assert made.returned_type == "text/rfc822-headers"
    assert b"Subject: Hello\r\n" in made.returned


def test_a_mail_whose_content_is_gone_is_reported_all_the_same(sender: SenderAddress) -> None:
    bounce()
    MessageContent.objects.all().delete()
    make_due_reports()
    assert read(reports()[0]).returned_type == ""


def test_success_is_reported_where_it_was_asked_for(sender: SenderAddress) -> None:
    asked = {"a@x.test": RecipientDsn("SUCCESS")}
    make_mail(recipients=["a@x.test"], recipient_dsn=asked)
    attempt_all("relayed", reply="250 2.0.0 Queued as 42")
    make_mail(recipients=["a@x.test"], recipient_dsn=asked)
    attempt_all("relayed", route="mailbox", next_hop="local mailbox", keep_in_mailbox=True)
    make_due_reports()
    relayed, delivered = (read(message).only() for message in reports())
    assert (relayed["action"], relayed["status"]) == ("relayed", "2.0.0")
    assert relayed["diagnostic-code"] == "smtp; 250 2.0.0 Queued as 42"
    assert (delivered["action"], delivered["status"]) == ("delivered", "2.0.0")
    assert "remote-mta" not in delivered


def test_what_to_do_comes_from_the_rules_for_replies(sender: SenderAddress) -> None:
    make_mail()
    attempt_all("bounced", reply="550 Full", category="mailbox-full", fault="recipient")
    make_due_reports()
    made = read(reports()[0])
    assert f"What to do: {RULES.categories['mailbox-full'].advice}" in made.text
    assert made.only()["status"] == "5.2.2"


def test_what_expired_is_reported_with_the_last_reply(sender: SenderAddress) -> None:
    make_mail()
    attempt_all("expired", reply="451 4.2.1 Busy", reason_code="lifetime-over", reason="Given up.")
    make_due_reports()
    made = read(reports()[0]).only()
    assert (made["action"], made["status"]) == ("failed", "4.2.1")


# Nobody to tell by mail


@pytest.fixture(params=["unverified", "without reply-to", "deleted"])
def nobody(request: pytest.FixtureRequest) -> None:
    match request.param:
        case "unverified":
            make_sender("app@example.com", reply_to="help@example.com")
        case "without reply-to":
            make_sender("app@example.com")


def test_without_a_verified_reply_to_the_report_stays_in_the_local_mailbox(nobody: None) -> None:
    bounce()
    make_due_reports()
    caught = CaughtMail.objects.get()
    assert caught.recipient_list == ["app@example.com"]
    assert caught.message == reports()[0]
    report = DeliveryReport.objects.get()
    assert (report.queue_id, report.is_kept_here) == (caught.message.queue_id, True)
    assert read(caught.message).mail["To"] == "app@example.com"


def test_such_a_report_is_no_work_for_a_relay_and_says_why_it_is_kept(nobody: None) -> None:
    bounce()
    make_due_reports()
    delivery = Delivery.objects.get(message=reports()[0])
    assert (delivery.state, delivery.shown_state, delivery.attempt_count) == ("relayed", "kept", 1)
    assert delivery.finished_at is not None
    assert delivery.reason == (
        "Kept in the local mailbox: app@example.com has no verified reply-to address."
    )
    attempt = Attempt.objects.get(delivery=delivery)
    assert (attempt.outcome, attempt.route, attempt.reason) == (
        "relayed", "mailbox", delivery.reason,
    )  # fmt: skip
    relay_id = queue.register_relay(host="here", pid=1)
    assert lease(relay_id, limit=9) == []


# What is due no more, or not yet


def test_a_warning_of_a_delay_is_dropped_when_the_mail_has_left(sender: SenderAddress) -> None:
    make_mail()
    attempt_all("relayed")
    a_while_ago = timezone.now() - timedelta(minutes=1)
    delayed = DeliveryReport.objects.create(
        delivery=Delivery.objects.get(), kind="delayed", due_at=a_while_ago
    )
    make_due_reports()
    delayed.refresh_from_db()
    assert reports() == []
    assert delayed.made_at is not None
    assert delayed.queue_id == ""


def test_what_is_due_later_waits(sender: SenderAddress) -> None:
    bounce()
    DeliveryReport.objects.update(due_at=timezone.now() + timedelta(hours=1))
    make_due_reports()
    assert reports() == []


def test_a_mail_that_cannot_be_reported_holds_up_no_other(
    sender: SenderAddress, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = bounce(), bounce()
    make = reporter.report_mail

    def break_one(mail: queue.ReportedMail, *rest: object) -> bytes:
        if mail.queue_id == broken:
            raise ValueError
        return make(mail, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(reporter, "report_mail", break_one)
    make_due_reports()
    assert [read(message).only()["final-log-id"] for message in reports()] == [whole]
    put_off = DeliveryReport.objects.get(made_at=None)
    assert put_off.delivery.message.queue_id == broken
    assert put_off.due_at > timezone.now()
    assert "report.fault" in caplog.messages
    monkeypatch.undo()
    DeliveryReport.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    make_due_reports()
    assert len(reports()) == 2


# Several reporters


@pytest.mark.django_db(transaction=True)
def test_two_reporters_share_the_work_and_nothing_is_told_twice() -> None:
    make_verified_sender("app@example.com")
    for number in range(6):
        bounce(recipients=[f"{number}{side}@x.test" for side in "ab"])

    def work() -> None:
        try:
            make_due_reports()
        finally:
            connection.close()

    with transaction.atomic():
        # The first has taken some, and is not done with them.
        taken = queue.take_reported_mails(limit=4, full_bytes=0)
        other = threading.Thread(target=work)
        other.start()
        other.join(timeout=20)
        assert not other.is_alive()
        assert len(reports()) == 6 - len(taken)
    make_due_reports()
    told = [r["final-recipient"] for message in reports() for r in read(message).recipients]
    assert len(told) == len(set(told)) == 12
    assert [len(read(message).recipients) for message in reports()] == [2] * 6
