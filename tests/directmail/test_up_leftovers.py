"""Pid files that are wrong: a process that is not ours is never touched."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from directmail import places
from directmail.embedded import EmbeddedRedis
from directmail.embedded.spawn import spawn
from directmail.up.leftovers import stop_leftovers
from tests.waiting import wait_for

_WAITS = "import sys; sys.stdin.read()"


@pytest.fixture
def waiting() -> Iterator[subprocess.Popen[bytes]]:
    """A process whose command line names one of our programs."""
    with subprocess.Popen(
        [sys.executable, "-c", _WAITS, "run_relay"], stdin=subprocess.PIPE, start_new_session=True
    ) as process:
        # The parent runs on a moment before the new program has its command line.
        wait_for(lambda: "run_relay" in psutil.Process(process.pid).cmdline())
        yield process
        process.kill()


def _pid_file(var_dir: Path, name: str, pid: int) -> Path:
    file = places.pid_file(var_dir, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{pid}\n")
    return file


def test_what_is_ours_is_stopped(tmp_path: Path, waiting: subprocess.Popen[bytes]) -> None:
    file = _pid_file(tmp_path, "relay", waiting.pid)
    assert stop_leftovers(tmp_path) == ["relay"]
    assert waiting.poll() is not None
    assert not file.exists()


def test_another_program_under_the_number_is_left_alone(
    tmp_path: Path, waiting: subprocess.Popen[bytes]
) -> None:
    file = _pid_file(tmp_path, "gateway", waiting.pid)
    assert stop_leftovers(tmp_path) == []
    assert waiting.poll() is None
    assert not file.exists()


def test_a_process_younger_than_the_file_is_left_alone(
    tmp_path: Path, waiting: subprocess.Popen[bytes]
) -> None:
    file = _pid_file(tmp_path, "relay", waiting.pid)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    assert stop_leftovers(tmp_path) == []
    assert waiting.poll() is None


@pytest.mark.parametrize("content", ["", "no number", "999999999"])
def test_a_pid_file_that_names_nobody_is_removed(tmp_path: Path, content: str) -> None:
    file = _pid_file(tmp_path, "web", 0)
    file.write_text(content)
    assert stop_leftovers(tmp_path) == []
    assert not file.exists()


def test_a_long_log_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "log" / "web.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    assert spawn([sys.executable, "-c", "print('new')"], log).wait(timeout=20) == 0
    assert log.read_text() == "new\n"
    assert log.with_suffix(".log.1").stat().st_size > 10 * 1024 * 1024


@pytest.mark.parametrize("said_before", ["", "an older run's last words\n"])
def test_the_trouble_of_an_engine_is_what_it_said_in_this_launch(
    tmp_path: Path, said_before: str
) -> None:
    redis = EmbeddedRedis(tmp_path)
    redis.log_file.parent.mkdir()
    redis.log_file.write_text(said_before)
    redis.log_offset = len(said_before)
    assert redis.trouble().startswith("Redis did not start (no message): see ")
    with redis.log_file.open("a") as log:
        log.write("Can't open the append-only file\n")
    assert redis.trouble().startswith("Redis did not start (Can't open the append-only file): ")
