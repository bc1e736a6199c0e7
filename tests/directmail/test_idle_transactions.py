"""A transaction that nobody goes on with is ended by the server, and its locks are free."""

import asyncio

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from smtp_gateway.loop_database import LoopDatabase
from tests.waiting import wait_for

_SHOW = "SHOW idle_in_transaction_session_timeout"


def _elsewhere() -> psycopg.Connection:
    """A connection that is not ours."""
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "host", "port")
    return psycopg.connect(**{name: parameters[name] for name in names if name in parameters})


@pytest.mark.django_db
def test_connections_of_django_give_up_a_transaction_after_a_minute() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SHOW)
        assert cursor.fetchone() == ("1min",)


def test_the_connection_on_the_event_loop_does_too(transactional_db: None) -> None:
    async def show() -> list[tuple[object, ...]]:
        database = LoopDatabase()
        try:
            return await database.look_up(_SHOW)
        finally:
            await database.close()

    assert asyncio.run(show()) == [("1min",)]


def test_what_a_hanging_transaction_holds_is_free_again(transactional_db: None) -> None:
    def is_free() -> bool:
        with _elsewhere() as other:
            row = other.execute("SELECT pg_try_advisory_xact_lock(4711)").fetchone()
        return row == (True,)

    def hang() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(4711)")
            assert not is_free()
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
            wait_for(is_free)
            cursor.execute("SELECT 1")

    with pytest.raises(DatabaseError):
        hang()
    connection.close()


def test_the_embedded_server_ends_forgotten_transactions_of_others(transactional_db: None) -> None:
    with _elsewhere() as other:
        assert other.execute(_SHOW).fetchone() == ("10min",)
