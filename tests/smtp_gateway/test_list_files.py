"""Lists of mail as CSV files, with the filters of their pages."""

import csv
import io

import pytest
from django.utils import timezone

from smtp_gateway import mail_log, refusals
from smtp_gateway.models import Delivery, MailAction
from tests.pages import links
from tests.smtp_gateway.mails import attempt_all, catch_all, make_mail
from tests.smtp_gateway.smtp_sessions.told import keep, make_snapshot
from tests.smtp_gateway.test_refusals import make_refused


def rows_of(console, path, **query):
    response = console.get(path, query)
    assert response.status_code == 200
    content = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


@pytest.mark.parametrize(
    "path",
    [
        "/mail-log/export/",
        "/mail-log/export/?state=refused",
        "/mail-log/actions/export/",
        "/mailbox/export/",
        "/smtp-sessions/export/",
        "/sender-addresses/export/",
    ],
)
def test_a_file_is_for_those_who_are_logged_in(client, db, path):
    assert client.get(path).status_code == 302


def test_the_mail_log_has_a_line_for_each_recipient(console):
    make_mail(subject="=SUM(A1:A9)", recipients=["a@x.example", "b@x.example"])
    attempt_all("deferred", reason="The mailbox is full.", reason_code="mailbox-full")
    second, first = rows_of(console, "/mail-log/export/")
    assert (first["recipient"], second["recipient"]) == ("a@x.example", "b@x.example")
    assert first["subject"] == "'=SUM(A1:A9)"
    assert (first["state"], first["attempts"], first["reason_code"]) == (
        "deferred", "1", "mailbox-full",
    )  # fmt: skip
    due = timezone.localtime(Delivery.objects.earliest("id").next_attempt_at)
    assert first["next_attempt_at"] == due.isoformat(timespec="seconds")
    assert first["finished_at"] == ""


def test_no_cache_keeps_a_file(console):
    assert console.get("/mail-log/export/")["Cache-Control"] == "private, no-store"


def test_the_file_of_the_mail_log_has_what_its_page_finds_to_the_end(console, monkeypatch):
    monkeypatch.setattr(mail_log, "LOOKED_AT", 7)
    for n in range(60):
        make_mail(subject=f"Mail {n % 2}", recipients=[f"r{n:02}@x.example"])
    found = rows_of(console, "/mail-log/export/", q="mail 1", sort="time", **{"in": "subject"})
    assert [row["recipient"] for row in found] == [f"r{n:02}@x.example" for n in range(1, 60, 2)]


def test_every_page_leads_to_its_file_with_its_filters(console):
    make_mail()
    page = console.get("/mail-log/", {"q": "anna@", "state": "queued"}).content.decode()
    assert 'href="/mail-log/export/?q=anna%40&amp;state=queued" download' in page


def test_refused_mail_has_a_file_of_its_own(console):
    refusals.write([make_refused(), make_refused("shop@example.com")])
    (row,) = rows_of(console, "/mail-log/export/", state="refused", q="shop@")
    assert (row["sender_address"], row["code"]) == ("shop@example.com", "from-not-sender")


def test_the_mailbox_and_the_sessions_have_files(console):
    make_mail(subject="Kept", recipients=["a@x.example", "b@x.example"])
    catch_all()
    (mail,) = rows_of(console, "/mailbox/export/", q="kept")
    assert mail["recipients"] == "a@x.example b@x.example"
    keep(make_snapshot("QUIT", "221 Bye", sender="app@shop.example", session_id=f"{0xA1:016x}"))
    (session,) = rows_of(console, "/smtp-sessions/export/", q="@shop.example")
    assert (session["session_id"], session["went_well"]) == (f"{0xA1:016x}", "yes")


def test_past_actions_are_filtered_and_have_a_file(console):
    values = {"at": timezone.now(), "operator": "op@example.com", "delivery_count": 1}
    for action, selection in (("cancel", "one"), ("retry", "two"), ("cancel", "three")):
        MailAction.objects.create(action=action, selection=selection, **values)
    found = rows_of(console, "/mail-log/actions/export/", action="cancel", q="O")
    assert [row["selection"] for row in found] == ["three", "one"]
    page = console.get("/mail-log/actions/", {"action": "release"}).content.decode()
    assert "No action found" in page
    assert links(page, "next") == []
