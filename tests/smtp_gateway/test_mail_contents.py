"""The pages below /mail-log/<queue id>/contents/: who may see what mails say, and what is noted."""

import base64
import os
import re
import tracemalloc
from datetime import timedelta

import pytest

from directmail.models import Operator
from senders.audit.entry import AuditEntry
from smtp_gateway.mail_contents.headers import read_headers
from smtp_gateway.mail_contents.thinned import thin
from smtp_gateway.mailbox import read
from smtp_gateway.models import MessageContent
from tests.smtp_gateway.mails import attempt_all, make_caught, make_mail

CONTENTS = ("contents/", "contents/html/", "source/", "attachments/1/")
BILL = os.urandom(900_000)
WITH_BILL = (
    b"From: app@example.com\r\nTo: anna@example.org\r\nSubject: Bill\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
    b"Your bill.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment; filename=bill.pdf\r\n\r\n"
    + base64.encodebytes(BILL).replace(b"\n", b"\r\n")
    + b"--b--\r\n"
)


@pytest.fixture
def sent(db):
    queue_id = make_mail(content=WITH_BILL)
    attempt_all("relayed", reply="250 Ok")
    return queue_id


def test_a_mail_is_read_in_the_mail_log_after_it_has_left(console, sent):
    text = console.get(f"/mail-log/{sent}/contents/").content.decode()
    assert "Your bill." in text
    assert "bill.pdf" in text
    assert "878.9\xa0KB" in text
    assert console.get(f"/mail-log/{sent}/attachments/1/").content == BILL
    response = console.get(f"/mail-log/{sent}/source/")
    assert b"".join(response) == WITH_BILL
    assert response["Content-Disposition"] == f'attachment; filename="{sent}.eml"'


def test_nothing_of_what_it_says_stays_on_a_disk(console, sent):
    caught = f"/mailbox/{make_caught()}/"
    for path in (*(f"/mail-log/{sent}/{each}" for each in CONTENTS), caught, f"{caught}source/"):
        assert console.get(path)["Cache-Control"] == "private, no-store", path


def test_headers_have_one_place_in_the_mail_log_and_one_in_the_mailbox(console, sent):
    page = console.get(f"/mail-log/{sent}/contents/").content.decode()
    assert re.findall(r">\s*Headers\s*</a>", page) == [">Headers</a>"]
    assert "?view=headers" not in page
    # What had led there shows the mail.
    old = console.get(f"/mail-log/{sent}/contents/?view=headers").content.decode()
    assert "Your bill." in old
    caught = console.get(f"/mailbox/{make_caught(WITH_BILL)}/").content.decode()
    assert "?view=headers" in caught


def test_viewers_see_headers_and_the_life_of_a_mail_and_not_what_it_says(client, sent):
    client.force_login(Operator.objects.create(email="viewer@example.com", role="viewer"))
    for path in CONTENTS:
        assert client.get(f"/mail-log/{sent}/{path}").status_code == 403
    for path in ("", "headers/"):
        text = client.get(f"/mail-log/{sent}/{path}").content.decode()
        assert "/contents/" not in text
    assert not AuditEntry.objects.filter(action="mail.contents_seen").exists()


def test_contents_can_be_hidden_from_everybody(console, sent, settings):
    settings.HIDE_MAIL_CONTENTS = True
    for path in CONTENTS:
        response = console.get(f"/mail-log/{sent}/{path}")
        assert response.status_code == 403
        assert "HIDE_MAIL_CONTENTS" in response.content.decode()
    assert "/contents/" not in console.get(f"/mail-log/{sent}/").content.decode()
    assert "Bill" in console.get(f"/mail-log/{sent}/headers/").content.decode()


def test_the_local_mailbox_then_shows_headers_only(console, settings):
    settings.HIDE_MAIL_CONTENTS = True
    queue_id = make_caught()
    text = console.get(f"/mailbox/{queue_id}/").content.decode()
    assert "Hello Anna." not in text
    assert "anna@example.org" in text
    for path in ("html/", "source/", "attachments/1/"):
        assert console.get(f"/mailbox/{queue_id}/{path}").status_code == 403


def test_a_look_is_noted_once_for_each_operator_mail_and_day(console, sent):
    other = make_mail()
    for path in (*CONTENTS, *CONTENTS):
        console.get(f"/mail-log/{sent}/{path}")
    console.get(f"/mail-log/{other}/contents/")
    seen = AuditEntry.objects.filter(action="mail.contents_seen")
    assert sorted(entry.object_key for entry in seen) == sorted([sent, other])
    assert {entry.actor for entry in seen} == {"operator@example.com"}
    console.force_login(Operator.objects.create(email="second@example.com", role="operator"))
    console.get(f"/mail-log/{sent}/contents/")
    assert seen.all().count() == 3


def test_a_content_that_is_forgotten_says_so_and_since_when(console, sent, settings):
    settings.MAIL_CONTENT_LIFETIME = timedelta(days=7)
    MessageContent.objects.all().delete()
    for path in ("", "headers/", "contents/"):
        assert (
            "No longer kept since about" in console.get(f"/mail-log/{sent}/{path}").content.decode()
        )
    for path in ("contents/html/", "source/", "attachments/1/"):
        assert console.get(f"/mail-log/{sent}/{path}").status_code == 404


# --- Long mails ----------------------------------------------------------------------------------


def test_a_long_attachment_is_found_without_being_taken_apart():
    whole = WITH_BILL.replace(b"Your bill.", b"Your bill.\r\n" + b"x " * 100_000)
    (bill,) = read(whole).attachments
    assert bill.size_bytes == len(BILL)
    assert bill.content == BILL
    assert len(thin(whole).content) < len(whole) - len(BILL)


def test_reading_a_mail_with_fifteen_mebibytes_takes_little_memory():
    long = WITH_BILL.replace(b"--b--", b"--b\r\n" + _attachment(15 * 1024 * 1024) + b"--b--")
    tracemalloc.start()
    try:
        mail = read(long)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [part.size_bytes for part in mail.attachments] == [len(BILL), 15 * 1024 * 1024]
    assert peak < 4 * 1024 * 1024


def test_a_long_text_in_base64_is_read_as_text():
    words = "A line of text.\r\n" * 100_000
    mail = read(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(words.encode()).replace(b"\n", b"\r\n")
    )
    assert mail.text == words


def test_lines_that_only_look_like_base64_stay_text():
    words = b"AAAABBBBCCCC\r\n" * 100_000
    mail = read(b"Content-Type: text/plain\r\n\r\n" + words)
    assert mail.text == words.decode()


def _attachment(size):
    return (
        b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=a.zip\r\n\r\n"
        + base64.encodebytes(bytes(size)).replace(b"\n", b"\r\n")
    )


def test_headers_end_where_the_mail_does():
    assert read_headers(b"").fields == []
    assert read_headers(b"Subject: x").first("subject") == "x"
