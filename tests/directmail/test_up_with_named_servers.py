"""`make up` beside servers that DATABASE_URL and REDIS_URL name: it uses them and starts none."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.journeys.console import Console
from tests.journeys.stack import running_stack

pytestmark = pytest.mark.journey


@pytest.fixture
def database_url() -> Iterator[str]:
    server, name = os.environ["DATABASE_URL"], f"named_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield server.removesuffix("/directmail") + f"/{name}"
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)


def test_named_servers_are_used_and_outlive_it(database_url: str) -> None:
    redis_url = os.environ["REDIS_URL"].replace("?db=0", "?db=9")
    with running_stack(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        SECRET_KEY="k" * 50,
        FIRST_OPERATOR_EMAIL="boss@example.com",
    ) as stack:
        left = {file.stem for file in (stack.var_dir / "run").glob("*.pid")}
        assert left == {"web", "worker", "beat", "gateway", "relay"}
        assert not (stack.var_dir / "postgres").exists()
        assert stack.operator_email == "boss@example.com"
        page = Console(stack.web_url).log_in("boss@example.com", stack.operator_password)
        assert page.url == f"{stack.web_url}/"
        assert stack.stop() == 0
        assert not stack.leftovers()
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT email FROM directmail_operator").fetchall()
    assert found == [("boss@example.com",)]
