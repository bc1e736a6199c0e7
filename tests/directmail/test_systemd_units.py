"""The systemd units: what systemd makes of them, and that they run what the containers run."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from pytest_django import Settings

from directmail.up import children
from directmail.up.supervisor import relay_stop_seconds

BASE_DIR = Path(__file__).resolve().parents[2]
UNITS = sorted((BASE_DIR / "docs" / "systemd").glob("*.service"))
SERVICES: Any = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())["services"]


def _service(file: Path) -> dict[str, str]:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(file)
    return dict(unit["Service"])


def test_every_process_has_a_unit() -> None:
    ours = {name for name, service in SERVICES.items() if service["image"] == "directmail"}
    assert {file.stem.removeprefix("directmail-") for file in UNITS} == ours


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_a_unit_runs_what_the_container_runs_without_privileges(file: Path) -> None:
    service = _service(file)
    words = service["ExecStart"].split()
    assert words[0] == "/opt/directmail/.venv/bin/python"
    command = SERVICES[file.stem.removeprefix("directmail-")]["command"]
    here = [word.replace("0.0.0.0", "127.0.0.1") for word in command]  # noqa: S104
    assert [word.replace("%%", "%") for word in words[1:]] == here[1:]
    assert (service["User"], service["NoNewPrivileges"]) == ("directmail", "yes")
    ports = "CAP_NET_BIND_SERVICE" if "gateway" in file.stem else ""
    assert service["CapabilityBoundingSet"] == ports


def test_a_relay_is_granted_the_time_in_which_it_waits_for_next_hops() -> None:
    unit = _service(BASE_DIR / "docs" / "systemd" / "directmail-relay.service")
    needed = settings.RELAY_STOP.total_seconds() + 3
    assert float(unit["TimeoutStopSec"]) > needed
    assert float(SERVICES["relay"]["stop_grace_period"].removesuffix("s")) > needed


@pytest.mark.parametrize(
    ("wanted", "drain", "granted"), [(10, 4, 2.5), (1, 4, 1), (10, 9, 7.5)], ids=str
)
def test_under_up_a_relay_waits_no_longer_than_it_is_let_live(
    settings: Settings, wanted: float, drain: float, granted: float
) -> None:
    settings.RELAY_STOP, settings.GATEWAY_DRAIN = (
        timedelta(seconds=wanted), timedelta(seconds=drain),
    )  # fmt: skip
    assert relay_stop_seconds() == granted
    child = children.relay(stop_seconds=relay_stop_seconds())
    assert child.environment == {"RELAY_STOP_SECONDS": f"{granted:g}"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
def test_systemd_understands_them(tmp_path: Path) -> None:
    for file in [*UNITS, BASE_DIR / "docs" / "systemd" / "directmail.target"]:
        text = file.read_text().replace("/opt/directmail/.venv/bin/python", sys.executable)
        (tmp_path / file.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if "directmail" in line] == []
