"""Statements of an installation that wait for a lock of the test's, so that a moment lasts."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.journeys.relaying import PATIENCE, Tables
from tests.waiting import wait_for

_WAITING = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND query LIKE %s AND pid <> pg_backend_pid()"
)

_LEASES = 20261126
# The mark is the test's own.
_WAITS_BEFORE_IT_IS_LEASED = """
CREATE FUNCTION wait_before_it_is_leased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock({lock}); RETURN NEW; END $$;
CREATE TRIGGER wait_before_it_is_leased BEFORE UPDATE ON smtp_gateway_delivery FOR EACH ROW
WHEN (NEW.state = 'leased' AND NEW.recipient LIKE '%{mark}%')
EXECUTE FUNCTION wait_before_it_is_leased()
"""


@dataclass(frozen=True)
class Held:
    """What waits until the lock is let go."""

    tables: Tables
    connection: psycopg.Connection[Any]
    pattern: str

    def statement(self) -> int:
        """The process id of the backend whose statement waits, as soon as one does."""
        rows = wait_for(
            lambda: self.tables.rows(_WAITING, self.pattern),
            seconds=PATIENCE,
            what=f"a statement like {self.pattern} that waits",
        )
        return int(rows[0][0])

    def end(self, pid: int) -> None:
        """Has a statement come to nothing: its backend would do it for a client that is dead."""
        self.tables.rows("SELECT pg_terminate_backend(%s, 10000)", pid)

    def let_go(self) -> None:
        # PostgreSQL may have been killed, and the lock with it.
        with suppress(psycopg.OperationalError):
            self.connection.rollback()


@contextmanager
def inserts_held(tables: Tables) -> Iterator[Held]:
    """Mail is received, and its commit waits."""
    lock = "LOCK TABLE smtp_gateway_message IN SHARE MODE"
    with _holding(tables, lock, "%INSERT INTO smtp_gateway_message (%") as held:
        yield held


@contextmanager
def records_held(tables: Tables, mark: str) -> Iterator[Held]:
    """Mail to recipients with `mark` in their name is relayed, and the record of it waits."""
    # The mark is the test's own.
    named = f"WHERE recipient LIKE '%{mark}%' ORDER BY id FOR UPDATE"
    lock = f"SELECT id FROM smtp_gateway_delivery {named}"  # noqa: S608
    with _holding(tables, lock, "%WITH outcome AS%") as held:
        yield held


@contextmanager
def leases_held(tables: Tables, mark: str) -> Iterator[Held]:
    """Mail to recipients with `mark` in their name is due, and the lease of it waits.

    A relay looks for work all the time: a lock of a table would also hold a look that began before
    the mail was there, and comes to nothing.
    """
    _define(tables, _WAITS_BEFORE_IT_IS_LEASED.format(lock=_LEASES, mark=mark))
    try:
        with _holding(
            tables, f"SELECT pg_advisory_xact_lock({_LEASES})", "%WITH relay AS%"
        ) as held:
            yield held
    finally:
        _define(tables, "DROP FUNCTION wait_before_it_is_leased CASCADE")


def _define(tables: Tables, statements: str) -> None:
    with closing(tables.connect()) as connection:
        connection.execute(statements)


@contextmanager
def _holding(tables: Tables, lock: str, pattern: str) -> Iterator[Held]:
    with closing(psycopg.connect(tables.url, connect_timeout=5)) as connection:
        connection.execute(lock)
        held = Held(tables, connection, pattern)
        try:
            yield held
        finally:
            held.let_go()


@contextmanager
def suppressions_held(tables: Tables) -> Iterator[Held]:
    """What came back is being read, and its suppression waits."""
    lock = "LOCK TABLE senders_suppression IN SHARE MODE"
    with _holding(tables, lock, "%senders_suppression%") as held:
        yield held
