"""What was in columns of a sender address becomes credentials, and comes back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE, AFTER = ("senders", "0010_audit_entry"), ("senders", "0013_no_password_columns")
NOW = timezone.now()


def migrate(*targets: tuple[str, str]) -> Any:
    """The models as they are after `targets`."""
    MigrationExecutor(connection).migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The models as they were; afterwards the tables are as they are to be."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield migrate(BEFORE).get_model("senders", "SenderAddress")
    finally:
        migrate(*newest)


def make(model: Any, name: str, password_hash: str = "", previous: str = "") -> None:
    model.objects.create(
        address=f"{name}@example.com",
        mail_type="trigger",
        created_at=NOW,
        smtp_password_hash=password_hash,
        previous_smtp_password_hash=previous,
        smtp_last_used_at=NOW if password_hash else None,
    )


def hashes(model: Any) -> dict[str, tuple[str, str]]:
    return {
        sender.address.partition("@")[0]: (
            sender.smtp_password_hash,
            sender.previous_smtp_password_hash,
        )
        for sender in model.objects.all()
    }


def test_passwords_become_credentials_and_columns_again(before: Any) -> None:
    make(before, "on", "$now")
    make(before, "changed", "$new", "$old")
    make(before, "off", "", "$last")
    make(before, "none")
    as_before = hashes(before)
    credential = migrate(AFTER).get_model("senders", "SmtpCredential")
    rows = credential.objects.order_by("sender__address", "slot").values_list(
        "sender__address", "slot", "password_hash", "last_used_at", "ended_at"
    )
    told = [
        (address.partition("@")[0], slot, stored, used_at, ended_at is None)
        for address, slot, stored, used_at, ended_at in rows
    ]
    assert told == [
        ("changed", 1, "$new", NOW, True),
        ("changed", None, "$old", None, False),
        ("off", None, "$last", None, False),
        ("on", 1, "$now", NOW, True),
    ]
    back = migrate(BEFORE).get_model("senders", "SenderAddress")
    assert hashes(back) == as_before
