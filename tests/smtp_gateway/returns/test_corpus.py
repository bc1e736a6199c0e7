"""Every mail of tests/data/returns is read as readings.toml says."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from smtp_gateway.returns.judging import judge
from smtp_gateway.returns.reading.read import read

FOLDER = Path(__file__).parents[2] / "data" / "returns"
READINGS: dict[str, dict[str, Any]] = tomllib.loads(
    (FOLDER / "readings.toml").read_text(encoding="utf-8")
)


def raw_of(name: str) -> bytes:
    """As it comes over the wire."""
    return (FOLDER / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize("name", sorted(READINGS))
def test_it_is_read_as_its_reading_says(name: str) -> None:
    reading = dict(READINGS[name])
    said = read(raw_of(name), expected=reading.pop("expected", ""))
    judged = judge(said)
    found = {
        "kind": said.kind, "read_by": said.read_by, "recipient": said.recipient,
        "status": said.status, "feedback_type": said.feedback_type, "category": judged.category,
        "hard": judged.is_hard,
    }  # fmt: skip
    assert {key: found[key] for key in reading} == reading


def test_every_mail_has_its_reading() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(READINGS)
    assert len(READINGS) >= 40


@pytest.mark.parametrize("name", sorted(READINGS))
def test_it_is_read_alike_with_lines_that_end_in_line_feeds(name: str) -> None:
    raw = raw_of(name)
    assert read(raw.replace(b"\r\n", b"\n")) == read(raw)
