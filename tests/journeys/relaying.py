"""A running installation that relays to a test's own next hop, and a look at its tables."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg

from directmail import places
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack, running_stack
from tests.waiting import wait_for

TRIGGER, BATCH = "trigger@example.com", "batch@example.com"
PASSWORD = "Aa12Bb34Cc56"
PATIENCE = 90.0
"""Seconds within which anything has happened on a machine that has more to do."""


@dataclass(frozen=True)
class Tables:
    """The database of an installation. It may be away for a while, and is asked again."""

    url: str

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return wait_for(
            lambda: self._answer(query, values), seconds=PATIENCE, what="the database answers"
        )[0]

    def _answer(self, query: str, values: Sequence[object]) -> tuple[list[tuple[Any, ...]]] | None:
        try:
            with self.connect() as connection:
                return (connection.execute(query, values).fetchall(),)
        except psycopg.OperationalError:
            return None

    def states(self, mark: str) -> dict[str, str]:
        """State by recipient, of the recipients with `mark` in their name."""
        query = "SELECT recipient, state FROM smtp_gateway_delivery WHERE recipient LIKE %s"
        return dict(self.rows(query, f"%{mark}%"))

    def outcomes(self, recipient: str) -> list[str]:
        """What the mail log tells of it, in order."""
        query = (
            "SELECT outcome FROM smtp_gateway_attempt AS attempt"
            " JOIN smtp_gateway_delivery AS delivery ON delivery.id = delivery_id"
            " WHERE recipient = %s ORDER BY attempt.id"
        )
        return [outcome for (outcome,) in self.rows(query, recipient)]

    def unfinished(self) -> list[tuple[Any, ...]]:
        """How many deliveries there are in each state that is not an end, and why."""
        columns = "state, reason_code, reason, crash_count"
        return self.rows(
            f"SELECT {columns}, count(*) FROM smtp_gateway_delivery"  # noqa: S608
            f" WHERE finished_at IS NULL GROUP BY {columns}"
        )

    def empty(self, *, seconds: float) -> None:
        """Waits until all mail has come to an end; AssertionError says what has not."""
        with suppress(AssertionError):
            wait_for(lambda: not self.unfinished(), seconds=seconds)
        left = self.unfinished()
        assert left == [], left


def tables_of(stack: Stack) -> Tables:
    return Tables(stack.settings.get("DATABASE_URL") or places.embedded_database_url(stack.var_dir))


@contextmanager
def relaying_stack(sink: Sink, **settings: str) -> Iterator[Stack]:
    """Two sender addresses can submit; what fails is tried again at once."""
    given = {
        "RELAY_URL": f"smtp://127.0.0.1:{sink.port}",
        "ALLOW_UNVERIFIED_DOMAINS": "1",
        "TRIGGER_RETRY_FIRST_SECONDS": "0.5",
        "BATCH_RETRY_FIRST_SECONDS": "0.5",
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    with running_stack(**given) as stack:
        make_sender(stack, TRIGGER, "trigger")
        make_sender(stack, BATCH, "batch")
        yield stack


def make_sender(stack: Stack, address: str, mail_type: str) -> None:
    created = stack.manage("create_sender_address", address, "--mail-type", mail_type)
    assert created.returncode == 0, created.stderr
    done = stack.manage("set_smtp_password", address, "--password-stdin", typed=PASSWORD)
    assert done.returncode == 0, done.stderr


def ledger_of(stack: Stack) -> dict[str, Any]:
    """What `manage.py ledger` counts. Fails where it does not hold."""
    counted = stack.manage("ledger", "--json")
    assert counted.returncode == 0, counted.stdout + counted.stderr
    shape = json.loads(counted.stdout)
    assert shape["holds"]
    return shape
