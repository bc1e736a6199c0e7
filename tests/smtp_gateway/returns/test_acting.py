"""What follows from a mail that came back."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from senders.models import Suppression
from senders.opting_out.links import token_of
from smtp_gateway.dsn import RecipientDsn
from smtp_gateway.models import Attempt, Delivery, DeliveryReport, Message, ReturnedMail
from smtp_gateway.queue import ledger
from smtp_gateway.reports.reporter import make_due_reports
from smtp_gateway.returns import acting
from smtp_gateway.returns.counting import ReturnCounts, counts_of
from tests.smtp_gateway.inbound.speaking import address_of
from tests.smtp_gateway.mails import attempt_all, lease_all, make_mail
from tests.smtp_gateway.returns.returning import (
    FULL,
    UNKNOWN,
    come_back,
    make_relayed,
    make_waiting,
    read_all,
)
from tests.smtp_gateway.returns.test_corpus import raw_of

pytestmark = pytest.mark.django_db

APP = "app@example.com"


def counted() -> ReturnCounts:
    return counts_of(APP, timezone.now() - timedelta(days=1))


def suppressed() -> list[tuple[str, str, str]]:
    return [*Suppression.objects.order_by("id").values_list("reason", "scope", "target")]


def test_a_hard_bounce_is_history_count_suppression_and_report() -> None:
    delivery = make_relayed()
    row = come_back(UNKNOWN, delivery)
    assert (row.kind, row.category, row.is_counted) == ("failed", "no-such-mailbox", True)
    assert (delivery.state, delivery.shown_state) == ("relayed", "returned")
    last = delivery.attempts.last()
    assert last is not None
    assert (last.outcome, last.category, last.fault) == (
        "returned",
        "no-such-mailbox",
        "recipient",
    )
    assert last.reply.startswith("550 5.1.1 <maria@example.net>")
    assert counted() == ReturnCounts(1, 0)
    assert suppressed() == [("hard-bounce", "organisation", "maria@example.net")]
    assert [*DeliveryReport.objects.values_list("kind", flat=True)] == ["failed"]


def test_the_ledger_still_holds() -> None:
    delivery = make_relayed()
    make_relayed("other@example.net")
    come_back(UNKNOWN, delivery)
    counts = ledger.count()
    assert counts.faults == []
    assert (counts.total.accepted, counts.total.relayed, counts.total.returned) == (2, 2, 1)


def test_the_same_bounce_twice_counts_once() -> None:
    delivery = make_relayed()
    come_back(UNKNOWN, delivery)
    again = come_back(UNKNOWN, delivery)
    assert (again.is_repeat, again.is_counted) == (True, False)
    assert counted() == ReturnCounts(1, 0)
    assert Attempt.objects.filter(outcome="returned").count() == 1
    assert Suppression.objects.count() == 1


def test_a_full_mailbox_is_told_and_not_suppressed_at_once() -> None:
    delivery = make_relayed("jan@example.net")
    row = come_back(FULL, delivery)
    assert (row.is_counted, delivery.shown_state) == (False, "returned")
    assert suppressed() == []
    assert DeliveryReport.objects.filter(kind="failed").exists()


def test_what_is_our_fault_is_no_hard_bounce() -> None:
    delivery = make_relayed()
    row = come_back("dmarc-rejected", delivery)
    assert (row.fault, row.is_counted, delivery.shown_state) == ("us", False, "returned")
    assert suppressed() == []


@pytest.mark.parametrize(
    ("notify", "kinds"),
    [("", ["failed"]), ("NEVER", []), ("SUCCESS", []), ("SUCCESS,FAILURE", ["failed"])],
    ids=["not-said", "never", "success-only", "both"],
)
def test_the_sender_hears_of_a_bounce_as_notify_says(notify: str, kinds: list[str]) -> None:
    delivery = make_relayed()
    Delivery.objects.update(dsn_notify=notify)
    delivery.refresh_from_db()
    come_back(UNKNOWN, delivery)
    assert [*DeliveryReport.objects.values_list("kind", flat=True)] == kinds


def test_nobody_hears_of_what_has_the_null_sender() -> None:
    delivery = make_relayed(mail_from="", sender_address="", origin="system")
    come_back(UNKNOWN, delivery)
    assert not DeliveryReport.objects.exists()
    assert suppressed() == []


def test_the_report_to_the_sender_has_the_words_that_came_back() -> None:
    come_back(UNKNOWN, make_relayed())
    assert make_due_reports() == 1
    report = Message.objects.select_related("content").get(origin="system")
    body = bytes(report.content.body)
    assert report.subject.startswith("Not delivered:")
    assert b"550 5.1.1 <maria@example.net>: Recipient address rejected" in body.replace(
        b"\r\n ", b" "
    )
    assert b"Action: failed\r\nStatus: 5.1.1\r\n" in body


def test_a_receipt_is_passed_on_where_the_sender_asked_for_it() -> None:
    asked = {"maria@example.net": RecipientDsn("SUCCESS")}
    delivery = make_relayed(recipient_dsn=asked)
    DeliveryReport.objects.all().delete()
    row = come_back("postfix-delivered-receipt", delivery)
    assert (row.kind, delivery.shown_state) == ("delivered", "relayed")
    make_due_reports()
    body = bytes(Message.objects.get(origin="system").content.body)
    assert b"Delivered, as a mail server on the way reported:" in body


def test_a_receipt_that_nobody_asked_for_is_only_noted() -> None:
    row = come_back("postfix-delivered-receipt", make_relayed())
    assert row.kind == "delivered"
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("postfix-delay-warning", "delayed"),
        ("out-of-office-german", "auto-reply"),
        ("challenge-boxtrapper", "challenge"),
        ("arf-not-spam", "feedback"),
        ("binary-junk", "not-understood"),
        ("empty", "not-understood"),
    ],
)
def test_what_is_no_bounce_counts_for_nothing_and_is_kept(name: str, kind: str) -> None:
    delivery = make_relayed()
    row = come_back(name, delivery)
    assert (row.kind, row.queue_id, row.is_counted) == (kind, delivery.message.queue_id, False)
    assert delivery.shown_state == "relayed"
    assert suppressed() == []
    assert not DeliveryReport.objects.exists()


def test_a_complaint_counts_and_stops_mail_of_its_type() -> None:
    delivery = make_relayed(mail_type="batch")
    row = come_back("arf-abuse", delivery)
    assert (row.kind, row.feedback_type, delivery.shown_state) == ("complaint", "abuse", "relayed")
    assert counted() == ReturnCounts(0, 1)
    assert suppressed() == [("complaint", "mail_type", "maria@example.net")]
    assert come_back("arf-abuse", delivery).is_repeat
    assert counted() == ReturnCounts(0, 1)


def test_a_complaint_to_the_address_of_feedback_loops_is_tied_by_the_return_path_in_it() -> None:
    delivery = make_relayed()
    raw = raw_of("arf-abuse")
    ours = address_of(delivery.pk).encode()
    raw = raw.replace(b"b+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa@bounces.shop.example", ours)
    to = "complaints@bounces.example.com"
    row = make_waiting(raw, None, to=to)
    read_all()
    row.refresh_from_db()
    assert (row.delivery_id, row.is_counted) == (delivery.pk, True)


def test_a_complaint_about_nobody_knows_what_is_kept_and_counts_for_nothing() -> None:
    row = make_waiting(raw_of("arf-abuse"), None, to="complaints@bounces.example.com")
    read_all()
    row.refresh_from_db()
    assert (row.kind, row.queue_id, row.is_counted) == ("complaint", "", False)
    assert suppressed() == []


def test_a_provider_may_pass_on_an_opt_out() -> None:
    come_back("arf-opt-out", make_relayed())
    assert suppressed() == [("opt-out", "address", "maria@example.net")]


def test_an_opt_out_by_mail_stops_the_mail() -> None:
    token = token_of("news@example.com", "ann@home.example")
    raw = f"From: ann@home.example\r\nSubject: {token}\r\n\r\n".encode()
    row = make_waiting(raw, None, to="unsubscribe@bounces.example.com")
    read_all()
    row.refresh_from_db()
    assert (row.kind, row.sender_address) == ("opt-out", "news@example.com")
    assert suppressed() == [("opt-out", "address", "ann@home.example")]


def test_what_is_about_a_forgotten_mail_is_read_all_the_same() -> None:
    row = make_waiting(raw_of(UNKNOWN), 4711)
    read_all()
    row.refresh_from_db()
    assert (row.kind, row.queue_id, row.recipient) == ("failed", "", "maria@example.net")
    assert suppressed() == []


def test_a_delivery_that_is_tried_again_keeps_its_state() -> None:
    queue_id = make_mail(recipients=["maria@example.net"])
    attempt_all("uncertain", next_attempt_at=timezone.now())
    delivery = Delivery.objects.get(message__queue_id=queue_id)
    come_back(UNKNOWN, delivery)
    assert delivery.state == "queued"
    assert suppressed() == [("hard-bounce", "organisation", "maria@example.net")]


def test_a_delivery_in_a_relays_hand_keeps_its_lease() -> None:
    make_mail(recipients=["maria@example.net"])
    _, (leased,) = lease_all()
    delivery = Delivery.objects.get(pk=leased.delivery_id)
    come_back(UNKNOWN, delivery)
    assert delivery.state == "leased"


def test_one_that_makes_the_reader_fail_holds_up_no_other() -> None:
    delivery = make_relayed()
    bad = make_waiting(b"bad", delivery.pk)
    good = make_waiting(raw_of(UNKNOWN), delivery.pk)
    read = acting.read

    def failing(raw: bytes, *, expected: str = "") -> object:
        if raw == b"bad":
            raise RuntimeError
        return read(raw, expected=expected)

    with mock.patch.object(acting, "read", failing):
        read_all()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.kind, bad.fault_count) == ("not-understood", 3)
    assert good.is_counted


def test_bytes_are_forgotten_first_and_the_rest_with_the_history() -> None:
    now = timezone.now()
    row = come_back(UNKNOWN, make_relayed(), at=now - timedelta(days=40))
    waiting = make_waiting(b"x", None, at=now - timedelta(days=400))
    month, quarter = now - timedelta(days=30), now - timedelta(days=90)
    acting.forget(contents_before=month, history_before=quarter)
    row.refresh_from_db()
    assert (row.raw, row.category) == (None, "no-such-mailbox")
    acting.forget(contents_before=month, history_before=now)
    assert [*ReturnedMail.objects.all()] == [waiting]


@pytest.mark.parametrize("to", ["Postmaster@bounces.example.com", "postmaster"], ids=str)
def test_what_comes_to_the_postmaster_is_for_people_whatever_it_says(to: str) -> None:
    delivery = make_relayed()
    row = make_waiting(raw_of(UNKNOWN), None, to=to)
    read_all()
    row.refresh_from_db()
    delivery.refresh_from_db()
    assert (row.kind, row.queue_id, row.recipient, row.status) == ("postmaster", "", "", "")
    assert row.subject
    assert not row.is_counted
    assert (delivery.shown_state, suppressed()) == ("relayed", [])
