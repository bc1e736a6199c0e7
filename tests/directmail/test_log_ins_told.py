"""Log-ins and log-outs in the audit log."""

import io

import pytest
from django.core.management import call_command
from django.test import Client

from directmail.models import Operator
from senders.audit.acting import Actor, ActorKind, acting_as
from senders.models import AuditEntry

pytestmark = pytest.mark.django_db
EMAIL, PASSWORD = "ann@example.com", "correct horse battery"


@pytest.fixture(autouse=True)
def operator(db: None) -> Operator:
    return Operator.objects.create_user(EMAIL, PASSWORD)


def only_entry() -> AuditEntry:
    return AuditEntry.objects.get()


def test_a_log_in_and_a_log_out_are_told(client: Client) -> None:
    client.post("/login/", {"login": EMAIL, "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    client.post("/logout/", REMOTE_ADDR="192.0.2.7")
    rows = AuditEntry.objects.order_by("id")
    assert [*rows.values_list("action", "actor", "client_address", "object_label")] == [
        ("operator.logged_in", EMAIL, "192.0.2.7", EMAIL),
        ("operator.logged_out", EMAIL, "192.0.2.7", EMAIL),
    ]


def test_a_wrong_password_is_told_of_whom_and_by_nobody(client: Client, operator: Operator) -> None:
    client.post("/login/", {"login": "ANN@example.com", "password": "geheim-geheim"})
    entry = only_entry()
    assert (entry.action, entry.actor_kind, entry.actor) == (
        "operator.log_in_refused", "visitor", "",
    )  # fmt: skip
    assert (entry.object_key, entry.object_label) == (str(operator.pk), EMAIL)
    assert entry.after == {"reason": "password"}
    assert "geheim" not in repr(vars(entry))


def test_an_address_that_nobody_has_is_told_as_typed(client: Client) -> None:
    client.post("/login/", {"login": "bob@example.com", "password": "x"})
    assert (only_entry().object_key, only_entry().object_label) == ("", "bob@example.com")


@pytest.mark.parametrize("typed", ["hunter2 hunter2", "a\0b", "x" * 1000])
def test_what_is_no_address_may_be_a_password_and_is_not_kept(client: Client, typed: str) -> None:
    client.post("/login/", {"login": typed, "password": "x"})
    assert not AuditEntry.objects.exclude(object_label="").exists()


def test_who_is_deactivated_is_told_so(client: Client, operator: Operator) -> None:
    Operator.objects.filter(pk=operator.pk).update(is_active=False)
    client.post("/login/", {"login": EMAIL, "password": PASSWORD})
    assert (only_entry().action, only_entry().after) == (
        "operator.log_in_refused", {"reason": "deactivated"},
    )  # fmt: skip


def test_a_command_is_told_with_the_user_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("quite another passphrase\n"))
    with acting_as(Actor(ActorKind.COMMAND_LINE, "root")):
        call_command("create_operator", "bob@example.com", "--password-stdin", stdout=io.StringIO())
    entry = only_entry()
    assert (entry.actor_kind, entry.actor, entry.action) == (
        "command_line", "root", "operator.created",
    )  # fmt: skip
    assert (entry.object_label, entry.after) == ("bob@example.com", {"role": "admin"})


def test_another_password_by_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda **_: "quite another passphrase")
    call_command("changepassword", EMAIL, stdout=io.StringIO())
    assert (only_entry().action, only_entry().after) == (
        "operator.password_changed", {"password": "changed"},
    )  # fmt: skip
