"""How a command typed by hand ends when something from outside ends it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.stack import BASE_DIR, environment


def _manage(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment(LOG_LEVEL="WARNING", **settings),
        input="correct horse battery\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ["list_sender_addresses"],
        ["set_smtp_password", "news@example.com", "--generate", "--json"],
        ["create_operator", "me@example.com", "--password-stdin"],
        ["changepassword", "me@example.com"],
        ["migrate"],
    ],
)
def test_without_a_database_a_command_says_so_in_one_sentence(
    command: list[str], tmp_path: Path
) -> None:
    done = _manage(*command, VAR_DIR=str(tmp_path))
    assert done.stderr == ("PostgreSQL does not answer: start `make up`, or set DATABASE_URL.\n")
    assert done.returncode == 1


def test_a_named_database_that_does_not_answer_is_blamed_by_its_setting(tmp_path: Path) -> None:
    url = "postgresql://user:geheim@127.0.0.1:1/name"
    done = _manage(
        "list_sender_addresses", DATABASE_URL=url, SECRET_KEY="k" * 50, VAR_DIR=str(tmp_path)
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The database of DATABASE_URL does not answer (")
    assert done.stderr.endswith("check DATABASE_URL.\n")
    assert done.stderr.count("\n") == 1
    assert "geheim" not in done.stderr


def test_a_statement_that_fails_is_not_a_database_that_is_away() -> None:
    url, late = os.environ["DATABASE_URL"], "-c%20statement_timeout%3D1"
    done = _manage("shell", "-c", _SLEEP, DATABASE_URL=f"{url}?options={late}", SECRET_KEY="k" * 50)
    assert done.returncode == 1
    assert "statement timeout" in done.stderr
    assert "does not answer" not in done.stderr


_SLEEP = "from django.db import connection; connection.cursor().execute('SELECT pg_sleep(9)')"


def test_ctrl_c_during_the_imports_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "celery.py").write_text("raise KeyboardInterrupt")
    done = _manage("up", PYTHONPATH=str(tmp_path), VAR_DIR=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
