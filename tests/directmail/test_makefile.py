"""What `make` says before it does anything, and how it finds a Python."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.missing_migrations import missing

BASE_DIR = Path(__file__).resolve().parents[2]


def _run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _program(directory: Path, name: str, script: str) -> None:
    (directory / name).write_text(f"#!/bin/sh\n{script}\n")
    (directory / name).chmod(0o755)


@pytest.mark.parametrize(
    "target", ["up", "test", "fuzz", "bench", "check", "fix", "install", "lock"]
)
def test_plain_make_explains_each_target(target: str) -> None:
    done = _run("make", "--no-print-directory")
    assert done.returncode == 0
    assert f"\nmake {target} " in f"\n{done.stdout}"


def test_without_a_python_that_is_new_enough_it_says_so(tmp_path: Path) -> None:
    _program(tmp_path, "old", "exit 1")
    done = _run(".ci/make-venv", str(tmp_path / "venv"), PYTHON=str(tmp_path / "old"))
    assert done.returncode == 1
    assert done.stderr == (
        "No Python 3.11 or newer was found: install one, or name it with PYTHON=...\n"
    )


def test_a_python_without_its_venv_module_is_named(tmp_path: Path) -> None:
    _program(tmp_path, "bare", 'case "$2" in *venv*) exit 1;; esac')
    done = _run(".ci/make-venv", str(tmp_path / "venv"), PYTHON=str(tmp_path / "bare"))
    assert done.returncode == 1
    assert "has no venv module: install it (Debian: apt-get install python3-venv)" in done.stderr


def test_the_first_python_that_will_do_makes_the_environment(tmp_path: Path) -> None:
    _program(tmp_path, "old", "exit 1")
    _program(tmp_path, "new", '[ "$1" = -c ] || echo "$@"')
    wanted = f"{tmp_path / 'old'} {tmp_path / 'new'}"
    done = _run(".ci/make-venv", str(tmp_path / "venv"), PYTHON=wanted)
    assert (done.returncode, done.stdout) == (0, f"-m venv {tmp_path / 'venv'}\n")


@pytest.mark.parametrize("package", ["mailauth", "nodemailer"])
def test_node_packages_are_pinned_by_hash_and_come_from_wherever_npm_is_set_to(
    package: str,
) -> None:
    files = BASE_DIR / "tests" / "clients" / package
    wanted = json.loads((files / "package.json").read_text())["dependencies"]
    locked = json.loads((files / "package-lock.json").read_text())["packages"]
    assert locked[f"node_modules/{package}"]["version"] == wanted[package]
    for name, entry in locked.items():
        assert "resolved" not in entry
        assert not name or entry["integrity"].startswith("sha512-")


def test_no_model_change_is_without_its_migration() -> None:
    assert missing() == []
