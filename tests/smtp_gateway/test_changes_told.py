"""Every change of routes, and what is done to mail, is in the audit log."""

import pytest
from django.test import Client

from senders.models import AuditEntry
from smtp_gateway.models import Route
from tests.senders.audit.telling import told
from tests.senders.factories import make_sender
from tests.smtp_gateway.acting import act
from tests.smtp_gateway.mails import attempt_all, make_mail

pytestmark = pytest.mark.django_db
SMARTHOST = {
    "name": "Relay", "kind": "smarthost", "mail_type": "", "sender_domains": "example.com",
    "recipient_domains": "", "host": "smtp.example.net", "port": "587", "security": "required",
    "verify_tls": "on", "user": "shop", "password": "geheim", "source_ipv4": "",
    "source_ipv6": "", "max_connections": "10", "mails_per_connection": "100",
    "mails_per_minute": "", "is_enabled": "on",
}  # fmt: skip


def add_route(console: Client, **fields: str) -> Route:
    console.post("/routes/add/", {**SMARTHOST, **fields})
    return Route.objects.latest("pk")


def test_a_route_that_is_added_without_its_password(console: Client) -> None:
    add_route(console)
    [(action, label, before, after)] = told()
    assert (action, label, before) == ("route.created", "Relay", {})
    assert after == {
        "name": "Relay", "kind": "smarthost", "position": 1, "sender_domains": "example.com",
        "host": "smtp.example.net", "security": "required", "user": "shop", "password": "set",
    }  # fmt: skip
    assert "geheim" not in repr([*AuditEntry.objects.values()])


def test_a_route_that_changes_tells_what_changed(console: Client) -> None:
    route = add_route(console)
    changed = {**SMARTHOST, "port": "2525", "password": "neues Geheimnis"}
    console.post(f"/routes/{route.pk}/", changed)
    console.post(f"/routes/{route.pk}/", {**changed, "password": ""})
    assert told(since=1) == [
        ("route.changed", "Relay",
         {"port": 587, "password": "set"}, {"port": 2525, "password": "changed"}),
    ]  # fmt: skip


def test_the_life_of_a_route(console: Client) -> None:
    route, _other = add_route(console), add_route(console, name="Other")
    for act_on, fields in [
        ("disable", {}), ("disable", {}), ("enable", {}), ("move", {"direction": "down"}),
        ("move", {"direction": "down"}), ("delete", {}),
    ]:  # fmt: skip
        console.post(f"/routes/{route.pk}/{act_on}/", fields)
    assert [row[0].partition(".")[2] for row in told(since=2)] == [
        "disabled", "enabled", "moved", "deleted",
    ]  # fmt: skip
    assert told(since=4)[0][2:] == ({"position": 1}, {"position": 2})
    assert told(since=5)[0][2]["host"] == "smtp.example.net"
    assert AuditEntry.objects.of_object("route", str(route.pk)).count() == 5


def test_what_is_done_to_one_mail_is_in_its_history(console: Client) -> None:
    queue_id = make_mail()
    attempt_all("deferred")
    act(console, "cancel", of="mail", queue_id=queue_id)
    [(action, label, _, after)] = told()
    assert (action, label) == ("mail.cancelled", queue_id)
    assert queue_id in after["selection"]
    entry = AuditEntry.objects.of_object("mail", queue_id).get()
    assert entry.object_path == f"/mail-log/{queue_id}/"
    assert entry.actor == "operator@example.com"


def test_what_is_done_to_all_that_was_found_leads_to_the_past_actions(console: Client) -> None:
    make_mail()
    attempt_all("deferred")
    act(console, "retry", of="found", q="anna@")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_key, entry.object_path) == (
        "mail.retried", "", "/mail-log/actions/",
    )  # fmt: skip
    assert "anna@" in entry.after["selection"]


def test_a_test_mail_is_in_the_history_of_its_address(console: Client) -> None:
    sender = make_sender("app@example.com")
    fields = {"recipient": "a@example.org", "subject": "Hello", "text": "geheim"}
    console.post(f"/sender-addresses/{sender.pk}/test-mail/", fields)
    [(action, label, _, after)] = told(since=1)
    assert (action, label, after["recipient"]) == (
        "sender_address.test_mail_sent", "app@example.com", "a@example.org",
    )  # fmt: skip
    assert "geheim" not in repr(after)
