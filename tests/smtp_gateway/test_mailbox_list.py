"""Ticked mails of the local mailbox are deleted, and a search goes through it part by part."""

import pytest

from senders.models import AuditEntry
from smtp_gateway import mailbox_list
from smtp_gateway.models import CaughtMail, Message, MessageContent
from tests.smtp_gateway.mails import make_caught

URL = "/mailbox/"


def key_of(queue_id):
    return CaughtMail.objects.get(message__queue_id=queue_id).pk


def test_ticked_mails_are_deleted_after_a_question(console):
    first, second, third = make_caught(), make_caught(), make_caught()
    ticked = {"row": [key_of(first), key_of(third)]}
    asked = console.get(f"{URL}delete/", ticked).content.decode()
    assert "Delete 2 mails from the local mailbox?" in asked
    assert CaughtMail.objects.count() == 3
    done = console.post(f"{URL}delete/", ticked, follow=True).content.decode()
    assert "2 mails are deleted." in done
    assert CaughtMail.objects.get().message.queue_id == second
    assert console.get(f"{URL}{first}/").status_code == 404


def test_the_mail_log_keeps_what_the_mailbox_deletes(console):
    queue_id = make_caught()
    console.post(f"{URL}delete/", {"row": key_of(queue_id)})
    assert console.get(f"/mail-log/{queue_id}/").status_code == 200
    assert (Message.objects.count(), MessageContent.objects.count()) == (1, 1)


def test_who_deleted_what_is_in_the_audit_log(console):
    queue_id = make_caught()
    console.post(f"{URL}delete/", {"row": key_of(queue_id)})
    entry = AuditEntry.objects.get(action="caught_mail.deleted")
    assert entry.before == {"queue_ids": [queue_id]}
    assert entry.actor == "operator@example.com"


@pytest.mark.parametrize("rows", [[], ["x"], ["0", "9" * 40]], ids=["none", "no-key", "no-row"])
def test_with_nothing_ticked_nothing_is_deleted(console, rows):
    make_caught()
    for ask in (console.get, console.post):
        page = ask(f"{URL}delete/", {"row": rows}, follow=True).content.decode()
        assert "Tick the mails first." in page
    assert CaughtMail.objects.count() == 1


def test_mail_of_applications_and_directmails_own_can_be_told_apart(console):
    own = make_caught(origin="system", sender_address="", subject="Report")
    other = make_caught(subject="Bill")
    for origin, expected in (("own", own), ("smtp", other)):
        mails = console.get(URL, {"origin": origin}).context["mails"]
        assert [mail.message.queue_id for mail in mails] == [expected]


def test_a_search_looks_at_a_part_of_the_mailbox_at_a_time(console, monkeypatch):
    monkeypatch.setattr(mailbox_list, "LOOKED_AT", 3)
    oldest = make_caught(subject="Needle")
    for _ in range(6):
        make_caught(subject="Hay")
    page = console.get(URL, {"q": "needle"})
    assert not page.context["mails"]
    page = console.get(page.context["list"].below_url)
    assert [mail.message.queue_id for mail in page.context["mails"]] == [oldest]
    assert page.context["list"].below_url == ""
