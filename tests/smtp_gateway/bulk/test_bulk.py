"""Trigger addresses whose mail looks like bulk are flagged with the evidence; others are not."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from senders.models import AuditEntry, SenderAddress, SmtpCredential
from senders.services import set_smtp_password
from senders.suppressions.importing import import_list
from senders.suppressions.services import suppress
from smtp_gateway import queue
from smtp_gateway.bulk.judging import Evidence, Sampled, weigh
from smtp_gateway.bulk.watching import evidence_of, look
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.standing.feedback import feedback
from tests.senders.deciding import decide
from tests.senders.factories import PASSWORD, log_in, make_sender, reread
from tests.smtp_gateway.standing.counted import come_back, count_day

HEADER = b"From: app@x.example\r\nSubject: Hello\r\n"
NEWS = HEADER + b"Content-Type: text/plain\r\n\r\nOur spring sale begins\r\n"


def sample(*contents: bytes, recipients: int = 1) -> list[Sampled]:
    return [Sampled("Hello", content, recipients) for content in contents]


def seen(mails: list[Sampled], unwanted: int = 0, of: int = 1_000) -> Evidence:
    return weigh(mails, unwanted=unwanted, unwanted_of=of)


def code(number: int) -> bytes:
    return HEADER + b"\r\nYour code is %06d\r\n" % number


def multipart(number: int) -> bytes:
    boundary = b"=_%d" % number
    return (
        HEADER + b"\r\n--" + boundary + b"\r\nContent-Type: text/html\r\n\r\nSale\r\n--"
        + boundary + b"--\r\n"
    )  # fmt: skip


def test_one_content_to_many_is_bulk():
    evidence = seen(sample(*[NEWS] * 60))
    assert (evidence.same_content, evidence.sampled, evidence.subject) == (60, 60, "Hello")
    assert evidence.looks_like_bulk


def test_recipients_of_one_mail_count_each():
    assert seen(sample(NEWS, recipients=80)).looks_like_bulk


def test_copies_that_differ_in_their_boundaries_are_one_content():
    assert seen(sample(*map(multipart, range(60)))).same_content == 60


def test_codes_under_one_subject_are_not_bulk():
    assert not seen(sample(*map(code, range(200)))).looks_like_bulk


def test_one_content_to_a_few_is_not_bulk():
    assert not seen(sample(*[NEWS] * 49)).looks_like_bulk


def test_one_content_among_much_else_is_not_bulk():
    assert not seen(sample(*[NEWS] * 60, *map(code, range(100)))).looks_like_bulk


@pytest.mark.parametrize(
    "field",
    [b"List-Unsubscribe: <https://x.example/>", b"Precedence: bulk", b"list-id: <a.x.example>"],
    ids=["unsubscribe", "precedence", "list-id"],
)
def test_fields_of_lists_are_bulk(field):
    mails = sample(*(field + b"\r\n" + code(number) for number in range(60)))
    assert seen(mails).has_list_fields
    assert seen(mails).looks_like_bulk


@pytest.mark.parametrize(
    ("unwanted", "of", "is_bulk"),
    [(5, 1_000, True), (4, 100, False), (5, 1_001, False), (0, 0, False)],
)
def test_a_share_of_opt_outs_and_complaints_is_bulk(unwanted, of, is_bulk):
    assert seen([], unwanted, of).looks_like_bulk is is_bulk


def submit(address: str, *contents: bytes) -> None:
    now = timezone.now()
    queue.accept(
        [
            queue.Submission(
                queue_id=new_queue_id(),
                origin="smtp",
                mail_type="trigger",
                sender_address=address,
                mail_from=address,
                recipients=[f"r{number}@home.example"],
                content=content,
                accepted_at=now,
                expires_at=now + timedelta(hours=1),
                subject="Spring sale",
            )
            for number, content in enumerate(contents)
        ]
    )


def make_used_sender(address: str, mail_type: str = "trigger") -> SenderAddress:
    sender = make_sender(address, mail_type=mail_type)
    set_smtp_password(sender, password=PASSWORD)
    SmtpCredential.objects.filter(sender=sender).update(last_used_at=timezone.now())
    return sender


@pytest.mark.django_db
def test_the_page_of_a_flagged_address_says_why_and_what_to_do():
    sender = make_used_sender("app@x.example")
    submit(sender.address, *[NEWS] * 60)
    look(timezone.now())
    assert reread(sender).bulk_since is not None
    decide("trigger", bulk_pace_per_minute=30)
    page = log_in(Client()).get(f"/sender-addresses/{sender.pk}/").content.decode()
    shown = re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", page)))
    assert "Its mail looks like Batch Mail" in shown
    assert "Of the last 60 recipients within an hour, 60 got the same content: “Spring sale”." in (
        shown
    )
    assert "It is slowed down to 30 recipients a minute." in shown


@pytest.mark.django_db
def test_other_addresses_are_not_flagged():
    codes, news = make_used_sender("codes@x.example"), make_used_sender("news@x.example", "batch")
    submit(codes.address, *map(code, range(60)))
    submit(news.address, *[NEWS] * 60)
    look(timezone.now())
    assert not SenderAddress.objects.exclude(bulk_since=None).exists()


@pytest.mark.django_db
def test_a_flag_stays_while_it_is_seen_and_goes_after_a_quiet_week():
    sender = make_used_sender("app@x.example")
    submit(sender.address, *[NEWS] * 60)
    now = timezone.now()
    look(now)
    look(now + timedelta(minutes=10))
    assert reread(sender).bulk_since == now
    look(now + timedelta(days=6))
    assert reread(sender).bulk_since == now
    look(now + timedelta(days=8))
    assert (reread(sender).bulk_since, reread(sender).bulk_evidence) == (None, None)


def flagged_sender() -> SenderAddress:
    sender = make_used_sender("app@x.example")
    submit(sender.address, *[NEWS] * 60)
    look(timezone.now())
    return sender


@pytest.mark.django_db
def test_an_admin_says_that_it_is_no_bulk_which_holds_for_thirty_days():
    sender, admin = flagged_sender(), log_in(Client())
    url = f"/sender-addresses/{sender.pk}/not-bulk/"
    assert url in admin.get(f"/sender-addresses/{sender.pk}/").text
    assert admin.post(url, {"reason": " "}).status_code == 422
    text = admin.post(url, {"reason": "A notice to all colleagues."}, follow=True).text
    assert "Mail of app@x.example is treated as Trigger Mail." in text
    assert "Its mail is no Batch Mail" in text
    assert "A notice to all colleagues." in text
    now = timezone.now()
    look(now)
    lifted = reread(sender)
    assert (lifted.bulk_since, lifted.bulk_evidence) == (None, None)
    assert now + timedelta(days=29) < lifted.not_bulk_until <= now + timedelta(days=30)
    entry = AuditEntry.objects.get(action="sender_address.not_bulk")
    assert entry.after["reason"] == "A notice to all colleagues."
    SenderAddress.objects.update(not_bulk_until=now)
    look(now)
    assert reread(sender).bulk_since == now


@pytest.mark.django_db
def test_what_is_not_flagged_any_more_is_not_decided_about():
    sender = make_used_sender("app@x.example")
    url = f"/sender-addresses/{sender.pk}/not-bulk/"
    assert log_in(Client()).post(url, {"reason": "x"}).status_code == 302
    assert reread(sender).not_bulk_until is None
    assert not AuditEntry.objects.filter(action="sender_address.not_bulk").exists()


@pytest.mark.django_db
def test_only_admins_are_offered_to_lift_the_flag():
    sender = flagged_sender()
    text = log_in(Client(), "operator").get(f"/sender-addresses/{sender.pk}/").text
    assert "Its mail looks like Batch Mail" in text
    assert "not-bulk/" not in text


@pytest.mark.django_db
def test_who_opted_out_is_counted_and_who_was_imported_is_not():
    sender, now = make_used_sender("app@x.example"), timezone.now()
    choices = {"reason": "opt-out", "sender_address": sender.address}
    import_list([f"old{number}@home.example" for number in range(30)], choices, now)
    for number in range(2):
        suppress(
            reason="opt-out",
            recipient_or_domain=f"r{number}@home.example",
            sender_address=sender.address,
            now=now,
        )
    assert unwanted(sender, now) == 2


def unwanted(sender: SenderAddress, now: datetime) -> int:
    told = feedback([sender.address], now - timedelta(days=30))
    return evidence_of(sender.address, told[sender.address], now).unwanted


@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["address", "mail_type", "organisation"])
def test_opt_outs_and_complaints_count_whatever_else_they_stop(scope):
    sender, now = make_used_sender("app@x.example"), timezone.now()
    count_day(sender.address, now, relayed=1_000)
    for number in range(2):
        suppress(
            reason="opt-out",
            recipient_or_domain=f"r{number}@home.example",
            sender_address=sender.address,
            mail_type="trigger",
            scope=scope,
            now=now,
        )
    come_back(sender.address, now, kind="complaint", times=3)
    come_back("other@x.example", now, kind="complaint", times=9)
    assert unwanted(sender, now) == 5
    look(now)
    assert reread(sender).bulk_since == now
