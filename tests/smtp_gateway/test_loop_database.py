"""The connection on the event loop: Django's errors, and what becomes of a broken one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connections

from smtp_gateway import loop_database
from smtp_gateway.loop_database import LoopDatabase, _parameters
from smtp_gateway.quota.statements import SIGN_ON
from tests.smtp_gateway.stopping import backend_of, has_ended, stopped
from tests.waiting import wait_for


@pytest.fixture
async def database(transactional_db: None) -> AsyncIterator[LoopDatabase]:
    database = LoopDatabase(statement_timeout=timedelta(seconds=0.2))
    yield database
    await database.close()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT 1 / 0", DataError),
        ("SELECT * FROM nothing_of_that_name", DatabaseError),
        ("INSERT INTO smtp_gateway_messagecontent VALUES (-1, NULL)", IntegrityError),
        ("SELECT pg_sleep(5)", OperationalError),
    ],
)
async def test_errors_are_djangos_and_leave_the_connection(
    database: LoopDatabase, statement: str, error: type[DatabaseError]
) -> None:
    with pytest.raises(error):
        await database.execute(statement)
    assert not database.has_lost_its_connection
    await database.execute("SELECT 1")


async def test_a_value_that_cannot_be_sent_is_a_data_error(database: LoopDatabase) -> None:
    for value in ("\ud800", b"bytes", 2**40):
        with pytest.raises((DataError, ValueError)):
            await database.execute("SELECT $1::text", value)
    await database.execute("SELECT $1::text", "well")


async def test_an_ended_connection_is_told_and_replaced(database: LoopDatabase) -> None:
    with pytest.raises(OperationalError):
        await database.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert database.has_lost_its_connection
    await database.execute("SELECT 1")
    assert not database.has_lost_its_connection


async def test_a_statement_that_was_given_up_is_not_done_later(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = LoopDatabase(statement_timeout=timedelta(seconds=30))
    backend = await backend_of(database)
    # Prepared by now, so that the next time all of it is sent at once.
    await database.execute(SIGN_ON, "answered")
    with stopped([backend]):
        monkeypatch.setattr(loop_database, "_GRACE_SECONDS", -29.9)
        with pytest.raises(OperationalError, match="does not answer"):
            await database.execute(SIGN_ON, "given-up")
        monkeypatch.undo()
        assert database.may_be_done_all_the_same
        assert not database.has_lost_its_connection
        await database.execute("SELECT 1")
        assert not database.may_be_done_all_the_same
    await asyncio.to_thread(wait_for, lambda: has_ended(backend), seconds=60)
    assert await database.execute("SELECT id FROM smtp_gateway_quotaholder") == [("answered",)]
    await database.close()


async def test_a_database_that_is_not_there_is_an_operational_error(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/nowhere")
    with pytest.raises(OperationalError):
        await LoopDatabase().execute("SELECT 1")


def test_the_options_of_the_url_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = connections["default"].settings_dict
    options = {"sslmode": "verify-full", "sslrootcert": "/ca.pem", "connect_timeout": 7}
    monkeypatch.setitem(settings, "OPTIONS", options | {"options": "-c search_path=mail"})
    monkeypatch.setitem(settings, "HOST", "one.example,two.example")
    monkeypatch.setitem(settings, "PORT", "5432,5433")
    found = _parameters(timedelta(seconds=9))
    assert found["dsn"] == "postgresql:///?sslmode=verify-full&sslrootcert=%2Fca.pem"
    assert (found["host"], found["port"]) == (["one.example", "two.example"], ["5432", "5433"])
    assert found["timeout"] == 7
    assert found["server_settings"] == {
        "options": "-c search_path=mail",
        "statement_timeout": "9000",
    }
