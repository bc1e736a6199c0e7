"""The lock files: complete, hashed, and silent about where packages come from."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

BASE_DIR = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock")


def _lock(name: str) -> str:
    return (BASE_DIR / name).read_text()


def _pins(name: str) -> dict[str, str]:
    """What is pinned, each with its own lines of the file."""
    blocks = re.split(r"^(?=[a-z0-9])", _lock(name), flags=re.MULTILINE)
    return {block.partition("==")[0].partition("[")[0]: block for block in blocks if "==" in block}


def _name(requirement: str) -> str:
    return re.split(r"[\[~=<>!;\s]", requirement, maxsplit=1)[0].lower().replace("_", "-")


@pytest.mark.parametrize("requirement", PROJECT["project"]["dependencies"])
def test_every_dependency_is_in_both_locks(requirement: str) -> None:
    assert all(_name(requirement) in _pins(lock) for lock in LOCKS)


@pytest.mark.parametrize("requirement", PROJECT["dependency-groups"]["dev"])
def test_every_tool_is_in_the_developers_lock(requirement: str) -> None:
    assert _name(requirement) in _pins("requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    assert [name for name, block in _pins(lock).items() if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_index(lock: str) -> None:
    for word in ("://", "--index-url", "--extra-index-url", "--find-links", " @ "):
        assert word not in _lock(lock)


def test_both_locks_agree() -> None:
    run, dev = (
        {name: re.match(r"\S+==(\S+)", block)[1] for name, block in _pins(lock).items()}  # type: ignore[index]
        for lock in LOCKS
    )
    assert run.items() <= dev.items()
