"""What the pages of a mail and of the local mailbox show of reports."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from smtp_gateway import mailbox
from smtp_gateway.dsn import RecipientDsn
from smtp_gateway.models import CaughtMail, Delivery, DeliveryReport, Message, MessageContent
from smtp_gateway.status_fields import recipient_statuses
from smtp_gateway.tasks import make_due_reports
from tests.senders.factories import make_verified_sender
from tests.smtp_gateway.mails import attempt_all, make_caught, make_mail
from tests.smtp_gateway.reports.made import mail, notice, report_bytes, tried

pytestmark = pytest.mark.django_db


@pytest.fixture
def bounced() -> str:
    queue_id = make_mail(recipients=["a@x.test", "b@x.test"])
    attempt_all("bounced", reply="550 5.1.1 No such user")
    return queue_id


def page(console: Client, path: str, **query: str) -> str:
    """Its text, with one space between words."""
    response = console.get(path, query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def only_report() -> Message:
    return Message.objects.get(origin="system")


# The page of a mail


def test_each_delivery_says_to_whom_its_failure_was_reported(console: Client, bounced: str) -> None:
    make_verified_sender("app@example.com", reply_to="help@bücher.example")
    make_due_reports()
    text = page(console, f"/mail-log/{bounced}/")
    link = f'Failure <a href="/mail-log/{only_report().queue_id}/">reported</a> to '
    assert text.count(f"{link}<bdi>help@bücher.example</bdi>, <time") == 2


def test_a_report_that_is_kept_here_leads_into_the_local_mailbox(
    console: Client, bounced: str
) -> None:
    make_due_reports()
    text = page(console, f"/mail-log/{bounced}/")
    link = f'Failure <a href="/mailbox/{only_report().queue_id}/">report kept here</a>, <time'
    assert text.count(link) == 2


def test_a_report_that_is_due_is_announced_and_the_page_looks_again(
    console: Client, bounced: str
) -> None:
    text = page(console, f"/mail-log/{bounced}/")
    assert text.count("Failure report due") == 2
    assert 'data-live="5"' in text
    assert "still on its way" not in text
    make_due_reports()
    assert "data-live" not in page(console, f"/mail-log/{bounced}/")


@pytest.mark.parametrize(
    ("kind", "word"),
    [("failed", "Failure"), ("delayed", "Delay"), ("relayed", "Success"), ("delivered", "Success")],
)
def test_it_says_what_was_reported(console: Client, kind: str, word: str) -> None:
    queue_id = make_mail()
    DeliveryReport.objects.create(
        delivery=Delivery.objects.get(), kind=kind, due_at=timezone.now() + timedelta(hours=1)
    )
    assert f"{word} report due" in page(console, f"/mail-log/{queue_id}/")


def test_what_was_dropped_for_its_age_is_not_shown(console: Client, bounced: str) -> None:
    DeliveryReport.objects.update(made_at=timezone.now())
    assert "report" not in page(console, f"/mail-log/{bounced}/").partition("<main")[2].lower()


@pytest.mark.parametrize("is_kept_here", [True, False])
def test_a_report_whose_mail_is_gone_has_no_link(
    console: Client, bounced: str, is_kept_here: bool
) -> None:
    gone = "01KB2Q7XG5W9D3MT"
    DeliveryReport.objects.update(made_at=timezone.now(), queue_id=gone, is_kept_here=is_kept_here)
    text = page(console, f"/mail-log/{bounced}/")
    told = "it is no longer in the local mailbox, " if is_kept_here else "Failure reported, "
    assert told in text
    assert gone not in text


@pytest.mark.parametrize("what", ["mail", "content"])
def test_a_report_that_is_gone_from_the_local_mailbox_is_not_linked(
    console: Client, bounced: str, what: str
) -> None:
    make_due_reports()
    report = only_report()
    if what == "mail":
        assert console.post("/mailbox/delete/", {"row": report.pk}).status_code == 302
    else:
        MessageContent.objects.filter(pk=report.pk).delete()
    assert console.get(f"/mailbox/{report.queue_id}/").status_code == 404
    delivery = Delivery.objects.filter(message__queue_id=bounced).earliest("pk")
    for path in (f"/mail-log/{bounced}/", f"/mail-log/{bounced}/?to={delivery.pk}"):
        text = page(console, path)
        assert "no longer" in text
        assert report.queue_id not in text
    assert f"/mailbox/{report.queue_id}/" not in page(console, f"/mail-log/{report.queue_id}/")


def test_a_mail_without_reports_has_none_on_its_page(console: Client) -> None:
    queue_id = make_mail(recipient_dsn={"anna@example.org": RecipientDsn("NEVER")})
    attempt_all("bounced")
    assert 'class="reports"' not in page(console, f"/mail-log/{queue_id}/")


# The local mailbox


@pytest.fixture
def kept(bounced: str) -> str:
    """A report in the local mailbox."""
    make_due_reports()
    return CaughtMail.objects.get().message.queue_id


def test_a_kept_report_is_listed_as_what_it_is(console: Client, kept: str) -> None:
    text = page(console, "/mailbox/")
    assert "Not delivered: Hello" in text
    assert "Mail Delivery" in text
    assert "(no sender)" not in text


def test_a_kept_report_opens_with_its_words_for_people(console: Client, kept: str) -> None:
    text = page(console, f"/mailbox/{kept}/")
    assert "Not delivered, and not tried again:" in text
    assert "550 5.1.1 No such user" in text
    assert "damaged" not in text


def test_its_parts_are_named(console: Client, kept: str) -> None:
    text = page(console, f"/mailbox/{kept}/")
    assert ">Delivery report</bdi>" in text
    assert ">Headers of your mail</bdi>" in text


def test_a_tab_shows_what_became_of_each_recipient(console: Client, kept: str) -> None:
    text = page(console, f"/mailbox/{kept}/", view="report")
    for recipient in ("a@x.test", "b@x.test"):
        assert f"<dt>Recipient</dt><dd><bdi>{recipient}</bdi></dd>" in text
    assert text.count("Not delivered</span>") == 2
    assert "<dt>What was said</dt><dd><bdi>550 5.1.1 No such user</bdi></dd>" in text
    assert "<dt>Status</dt><dd><bdi>5.1.1</bdi></dd>" in text


def test_other_mail_has_no_such_tab(console: Client) -> None:
    text = page(console, f"/mailbox/{make_caught()}/")
    assert "view=report" not in text
    assert "view=text" in text


def test_a_report_in_utf_8_is_shown_too() -> None:
    about = mail(needs_smtputf8=True)
    failed = notice(recipient="jürgen@x.test", last=tried("550 Unbekannt: jürgen"))
    (status,) = mailbox.read(report_bytes(about, failed)).statuses
    assert status.action == "failed"
    assert ("Recipient", "jürgen@x.test") in status.facts
    assert ("What was said", "550 Unbekannt: jürgen") in status.facts


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n\r\n",
        b"no field\r\n\r\nFinal-Recipient",
        b"\xff\x00: \xff\r\n\r\n: x",
        b"Action: failed\r\n\r\nReporting-MTA: dns; x",
    ],
    ids=["empty", "blank", "no fields", "no text", "no recipient"],
)
def test_what_is_no_report_shows_nobody(content: bytes) -> None:
    assert recipient_statuses(content) == []


def test_of_a_report_on_very_many_only_the_first_are_shown() -> None:
    block = b"Final-Recipient: rfc822; a@x.test\nAction: <b>failed</b>\n\n"
    assert 100 < len(recipient_statuses(block * 100_000)) <= 200
    assert recipient_statuses(block)[0].action == "<b>failed</b>"
