"""Writing into the audit log, and what its table refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from directmail.models import Operator
from senders.audit.acting import SYSTEM, Actor, ActorKind, acting_as
from senders.audit.forgetting import forget_entries
from senders.audit.recording import CHANGED, SecretInAudit, Target, record
from senders.models import AuditEntry
from senders.tasks import forget_audit_entries

pytestmark = pytest.mark.django_db
THING = Target("thing", "7", "The thing", "/things/7/")


def test_only_fields_that_changed_are_kept() -> None:
    entry = record(
        SYSTEM,
        action="thing.changed",
        on=THING,
        before={"name": "old", "size": 1},
        after={"name": "new", "size": 1, "colour": "red"},
    )
    entry.refresh_from_db()
    assert (entry.before, entry.after) == ({"name": "old"}, {"name": "new", "colour": "red"})
    assert (entry.object_kind, entry.object_key, entry.object_label, entry.object_path) == (
        "thing", "7", "The thing", "/things/7/",
    )  # fmt: skip


def test_nobody_bound_is_the_system() -> None:
    assert record(action="thing.changed", on=THING).actor_kind == ActorKind.SYSTEM


def test_whoever_is_bound_acts() -> None:
    with acting_as(Actor(ActorKind.COMMAND_LINE, "root")):
        entry = record(action="thing.changed", on=THING)
    assert (entry.actor_kind, entry.actor) == ("command_line", "root")


def test_a_request_tells_operator_and_client_address() -> None:
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.7")
    request.user = Operator.objects.create_user("ann@example.com")
    entry = record(request, action="thing.changed", on=THING)
    assert (entry.actor_kind, entry.actor, entry.client_address) == (
        "operator", "ann@example.com", "192.0.2.7",
    )  # fmt: skip


def test_who_has_not_logged_in_is_a_visitor() -> None:
    entry = record(RequestFactory().get("/"), action="thing.changed", on=THING)
    assert (entry.actor_kind, entry.actor, entry.client_address) == ("visitor", "", "127.0.0.1")


@pytest.mark.parametrize("name", ["password", "smtp_password_hash", "sealed_private_key", "token"])
def test_a_secret_is_never_written_down(name: str) -> None:
    with pytest.raises(SecretInAudit, match=f"^The value of {name} does not belong"):
        record(action="thing.changed", on=THING, after={name: "geheim"})
    assert record(action="thing.changed", on=THING, after={name: CHANGED}).after == {name: CHANGED}


def test_what_postgresql_cannot_hold_is_left_out() -> None:
    on = Target("thing", label="a\0b" + "x" * 1000)
    entry = record(action="thing.changed", on=on, after={"name": "c\0d"})
    entry.refresh_from_db()
    assert (entry.object_label[:2], entry.after) == ("ab", {"name": "cd"})


def test_an_entry_goes_with_the_change_that_is_rolled_back() -> None:
    with transaction.atomic():
        record(action="thing.changed", on=THING)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE senders_auditentry SET actor = 'somebody else'",
        "DELETE FROM senders_auditentry",
        "UPDATE senders_auditentry SET at = '2001-01-01'",
    ],
)
def test_the_database_lets_nobody_rewrite_it(statement: str) -> None:
    record(action="thing.changed", on=THING)
    refused = pytest.raises(IntegrityError, match="the audit log is append-only")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement)
    assert AuditEntry.objects.filter(actor="").count() == 1


def test_what_is_old_is_forgotten() -> None:
    old, young = (record(action="thing.changed", on=THING) for _ in range(2))
    assert forget_entries(before=young.at) == 1
    assert [row.pk for row in AuditEntry.objects.all()] == [young.pk]
    assert old.pk != young.pk


def test_retention_lets_delete_what_is_old_and_nothing_else() -> None:
    entry = record(action="thing.changed", on=THING)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('directmail.audit_forget_before', %s, true)",
            [(entry.at - timedelta(seconds=1)).isoformat()],
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("DELETE FROM senders_auditentry")


def test_the_task_keeps_to_the_setting(settings: object) -> None:
    record(action="thing.changed", on=THING)
    settings.AUDIT_LIFETIME = timedelta(days=1)  # type: ignore[attr-defined]
    forget_audit_entries()
    assert AuditEntry.objects.count() == 1
    settings.AUDIT_LIFETIME = -timedelta(days=1)  # type: ignore[attr-defined]
    forget_audit_entries()
    assert not AuditEntry.objects.exists()


def test_an_entry_that_somebody_else_begins_is_theirs(client: Client) -> None:
    """The binding ends with the request."""
    client.get("/login/")
    assert record(action="thing.changed", on=THING).actor_kind == ActorKind.SYSTEM
    assert timezone.is_aware(AuditEntry.objects.get().at)
