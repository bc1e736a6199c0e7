"""The audit log tells who confirmed a return address: the owner of its mailbox."""

import pytest
from django.test import Client
from django.utils import timezone

from senders import services
from senders.audit.entry import AuditEntry
from tests.senders.factories import make_sender, token_of

pytestmark = pytest.mark.django_db


def confirmations() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="sender_address.reply_to_confirmed"))


def make_link() -> str:
    sender = make_sender("app@example.com", reply_to="help@example.com")
    services.request_reply_to_verification(sender, now=timezone.now())
    sender.refresh_from_db()
    return f"/verify/{token_of(sender.reply_to_verification)}/"


def test_a_confirmation_is_the_mailbox_owners() -> None:
    Client().post(make_link(), REMOTE_ADDR="203.0.113.7")
    (entry,) = confirmations()
    assert (entry.actor_kind, entry.actor) == ("mailbox", "help@example.com")
    assert entry.client_address == "203.0.113.7"
    assert (entry.object_kind, entry.object_key) == ("sender_address", "app@example.com")
    assert entry.after == {"reply_to": "help@example.com"}


def test_a_look_at_the_link_and_a_second_confirmation_are_none() -> None:
    link = make_link()
    Client().get(link)
    assert confirmations() == []
    Client().post(link)
    Client().post(link)
    assert len(confirmations()) == 1


def test_the_log_names_the_owner(console: Client) -> None:
    Client().post(make_link())
    page = console.get("/audit/?who=mailbox").text
    assert "Confirmed the return address" in page
    assert "help@example.com" in page
    assert "Owner of the mailbox" in page
