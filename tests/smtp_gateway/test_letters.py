"""What DirectMail itself writes to people has links that let in: only admins read it."""

import pytest

from directmail.models import Operator
from senders.audit.entry import AuditEntry
from tests.smtp_gateway.mails import make_caught

LETTER = {"origin": "system", "sender_address": "", "mail_from": "directmail@example.com"}
REPORT = {"origin": "system", "sender_address": "", "mail_from": ""}
WITH_ATTACHMENT = (
    b"From: directmail@example.com\r\nTo: anna@example.org\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
    b"Follow the link.\r\n--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nA\r\n--b--\r\n"
)
IN_LOG = ("contents/", "contents/html/", "source/", "attachments/1/")
IN_MAILBOX = ("", "html/", "source/", "attachments/1/")


@pytest.fixture
def operator(client, db):
    client.force_login(Operator.objects.create(email="second@example.com", role="operator"))
    return client


@pytest.fixture
def admin(client, db):
    client.force_login(Operator.objects.create(email="admin@example.com", role="admin"))
    return client


def test_no_operator_reads_what_directmail_writes_to_people(operator):
    queue_id = make_caught(content=WITH_ATTACHMENT, **LETTER)
    paths = [f"/mail-log/{queue_id}/{path}" for path in IN_LOG]
    paths += [f"/mailbox/{queue_id}/{path}" for path in IN_MAILBOX]
    assert {operator.get(path).status_code for path in paths} == {403}
    assert not AuditEntry.objects.filter(action="mail.contents_seen").exists()


def test_an_operator_sees_that_it_was_sent_and_no_way_into_it(operator):
    queue_id = make_caught(**LETTER)
    for path in (f"/mail-log/{queue_id}/", f"/mail-log/{queue_id}/headers/", "/mailbox/"):
        response = operator.get(path)
        text = response.content.decode()
        assert response.status_code == 200
        assert f"{queue_id}/contents/" not in text
        assert f"/mailbox/{queue_id}/" not in text


def test_an_admin_reads_it_and_the_look_is_noted(admin):
    queue_id = make_caught(**LETTER)
    assert f"/mailbox/{queue_id}/" in admin.get("/mailbox/").content.decode()
    assert f"{queue_id}/contents/" in admin.get(f"/mail-log/{queue_id}/").content.decode()
    assert "Hello Anna." in admin.get(f"/mailbox/{queue_id}/").content.decode()
    assert AuditEntry.objects.get(action="mail.contents_seen").object_key == queue_id


def test_reports_about_mail_stay_readable_to_operators(operator):
    queue_id = make_caught(**REPORT)
    assert operator.get(f"/mailbox/{queue_id}/").status_code == 200
    assert operator.get(f"/mail-log/{queue_id}/contents/").status_code == 200
