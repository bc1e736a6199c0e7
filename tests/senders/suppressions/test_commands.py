"""The commands about suppressions, for scripts."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError

from senders.models import Suppression
from tests.senders.factories import make_sender
from tests.senders.test_commands import output, output_json

pytestmark = pytest.mark.django_db


def test_a_recipient_is_suppressed_listed_and_lifted() -> None:
    make_sender("news@x.example")
    made = output_json("suppress", "Ann@Example.net", "--sender", "News@x.example", "--days", "3")
    assert (made["target"], made["scope"], made["state"]) == (
        *("ann@example.net", "address"),
        "living",
    )
    assert made["expires_at"] is not None
    output("suppress", "bad.example", "--note", "spam traps")
    listed = [json.loads(line) for line in output("list_suppressions", "--json").splitlines()]
    assert [each["target"] for each in listed] == ["bad.example", "ann@example.net"]
    assert "bad.example  manual  living" in output("list_suppressions", "bad.example")
    assert output("lift_suppression", "bad.example", "--why", "clean now").startswith(
        "bad.example gets mail again"
    )
    assert "bad.example" not in output("list_suppressions")
    assert "lifted" in output("list_suppressions", "bad.example", "--all")
    assert Suppression.objects.get(target="bad.example").lift_reason == "clean now"


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(CommandError, match="neither an address nor a domain"):
        output("suppress", "no address")
    with pytest.raises(CommandError, match=r"There is no sender address nobody@x\.example"):
        output("suppress", "a@example.net", "--sender", "nobody@x.example")
    with pytest.raises(CommandError, match=r"There is no sender address nobody@x\.example"):
        output("import_suppressions", "-", "--sender", "nobody@x.example")
    with pytest.raises(CommandError, match="The end lies in the past"):
        output("suppress", "a@example.net", "--days", "-1")
    with pytest.raises(CommandError, match=r"a@example.net is not suppressed\."):
        output("lift_suppression", "a@example.net", "--why", "x")


def test_what_has_ended_is_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("target,ended_at\na@example.net,\nb@example.net,2026-01-02T03:04:05Z\n")
    told = output("import_suppressions", str(file))
    assert "2 lines: 1 new, 0 known, 0 bad, 1 passed over as they have ended" in told
    assert Suppression.objects.get().target == "a@example.net"


def test_a_list_is_looked_at_and_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.txt"
    file.write_text("a@example.net\nnonsense\nb@example.net\n")
    told = output("import_suppressions", str(file), "--dry-run", "--mail-type", "batch")
    assert told == "3 lines: 2 would be new, 0 known, 1 bad"
    assert not Suppression.objects.exists()
    output("import_suppressions", str(file), "--mail-type", "batch")
    assert Suppression.objects.filter(scope="mail_type", mail_type="batch").count() == 2
    assert "0 new, 2 known" in output("import_suppressions", str(file), "--mail-type", "batch")
    assert "line 2: nonsense: " in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The list cannot be read"):
        output("import_suppressions", str(tmp_path / "none"))
