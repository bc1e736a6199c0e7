"""docker-compose.yml: held to the Compose specification, and its commands run for real.

No Docker engine is needed: a service's command, environment and health check run as they stand,
with the container's addresses mapped to the test engines and free ports.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
import yaml
from psycopg import sql

from tests.journeys.stack import free_ports
from tests.waiting import wait_for

BASE_DIR = Path(__file__).resolve().parents[2]
OURS = ("migrate", "web", "worker", "beat", "gateway", "relay")
SERVERS = ("postgres", "redis", "mailpit")


def _compose() -> Any:
    """The file with `${NAME:-default}` filled in, as Compose does where nothing is set."""
    return _filled_in(yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text()))


def _filled_in(value: Any) -> Any:
    match value:
        case dict():
            return {name: _filled_in(each) for name, each in value.items()}
        case list():
            return [_filled_in(each) for each in value]
        case str():
            return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        case _:
            return value


SERVICES = _compose()["services"]


def test_the_file_follows_the_compose_specification() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((vendored / "compose-spec.json").read_text())
    jsonschema.validate(_compose(), schema)


def test_it_has_every_process_and_server() -> None:
    assert set(SERVICES) == {*OURS, *SERVERS}


@pytest.mark.parametrize("name", sorted({*OURS, *SERVERS} - {"migrate"}))
def test_each_service_that_stays_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted({*OURS, "postgres"} - {"migrate"}))
def test_what_waits_for_a_service_waits_until_it_is_usable(name: str) -> None:
    needed = SERVICES[name].get("depends_on", {})
    for other, how in needed.items():
        once = other == "migrate"
        usable = "service_completed_successfully" if once else "service_healthy"
        assert how["condition"] == usable


def test_all_of_ours_run_one_image_without_privileges() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["image"] == "directmail"
        assert service["cap_drop"] == ["ALL"]
        assert "user" not in service  # the image's, which is not root
    assert "\nUSER directmail\n" in (BASE_DIR / "Dockerfile").read_text()
    assert all(SERVICES[name]["user"] != "root" for name in SERVERS)


def test_secrets_come_from_files_only() -> None:
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD", variable):
                assert variable.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_postgresql_and_redis_keep_what_they_are_given() -> None:
    assert SERVICES["postgres"]["image"] == "postgres:18"
    # Since version 18 the image's volume is the directory above the data.
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert "--appendonly yes" in " ".join(SERVICES["redis"]["command"])
    volumes = _compose()["volumes"]
    for service in SERVICES.values():
        assert all(mount.split(":")[0] in volumes for mount in service.get("volumes", []))


def test_the_image_holds_what_the_processes_need_and_installs_from_the_lock() -> None:
    dockerfile = (BASE_DIR / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in dockerfile
    admitted = (BASE_DIR / ".dockerignore").read_text()
    for source in re.findall(r"^COPY (\S+) ", dockerfile, re.MULTILINE):
        assert (BASE_DIR / source).exists()
        assert f"\n!{source}\n" in admitted


class Container:
    """One of our services as it would run in its container, but on this machine."""

    def __init__(self, name: str, root: Path, database_url: str) -> None:
        self._service = SERVICES[name]
        web, smtp, smtps, health = free_ports(4)
        # Longest first, so that no address is a part of another.
        self._places = {
            "postgresql://directmail@postgres:5432/directmail": database_url,
            # A database of its own, so that its worker takes nobody else's tasks.
            "redis://redis:6379/0": os.environ["REDIS_URL"].replace("?db=0", "?db=7"),
            "/var/lib/directmail": str(root),
            "/run/secrets": str(root / "secrets"),
            "0.0.0.0": "127.0.0.1",  # noqa: S104
            "8000": str(web),
            "2525": str(smtp),
            "4650": str(smtps),
            "2580": str(health),
        }
        (root / "secrets").mkdir()
        (root / "beat").mkdir()
        (root / "secrets" / "secret_key").write_text("k" * 50)
        # The test engine asks for none; that one in a file is used has a test of its own.
        (root / "secrets" / "database_password").write_text("trusted-anyway\n")
        self._log = root / "log"

    def start(self) -> subprocess.Popen[bytes]:
        with self._log.open("wb") as log:
            return subprocess.Popen(
                self._here(self._service["command"]),
                cwd=BASE_DIR,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_healthy(self) -> bool:
        kind, *command = self._service["healthcheck"]["test"]
        assert kind == "CMD"
        done = subprocess.run(
            self._here(command), cwd=BASE_DIR, env=self._environment(), check=False,
            capture_output=True,
        )  # fmt: skip
        return done.returncode == 0

    @property
    def said(self) -> str:
        return self._log.read_text()

    def _environment(self) -> dict[str, str]:
        mapped = {name: self._map(value) for name, value in self._service["environment"].items()}
        cheap = {"ARGON2_MEMORY_KIB": "64", "ARGON2_TIME_COST": "1"}
        return {
            "PATH": os.environ["PATH"],
            "VAR_DIR": self._places["/var/lib/directmail"],  # from the Dockerfile
            "PYTHONUNBUFFERED": "1",
            **cheap,
            **mapped,
        }

    def _here(self, command: list[str]) -> list[str]:
        assert command[0] == "python"
        return [sys.executable, *(self._map(word) for word in command[1:])]

    def _map(self, text: str) -> str:
        for container, here in self._places.items():
            text = text.replace(container, here)
        return text


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database that the `migrate` service has prepared."""
    name = f"compose_{os.getpid()}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = server.removesuffix("/directmail") + f"/{name}"
    migrate = Container("migrate", tmp_path_factory.mktemp("migrate"), url)
    assert migrate.start().wait(timeout=60) == 0, migrate.said
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)


@pytest.mark.parametrize("name", [name for name in OURS if name != "migrate"])
def test_a_service_runs_becomes_healthy_and_stops(
    name: str, tmp_path: Path, database_url: str
) -> None:
    container = Container(name, tmp_path, database_url)
    process = container.start()
    try:
        wait_for(
            lambda: process.poll() is not None or container.is_healthy(),
            seconds=30,
            what=f"{name} is healthy",
        )
        assert process.poll() is None, container.said
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0, container.said
    finally:
        process.kill()
        process.wait()


def test_a_service_that_is_not_there_is_not_healthy(tmp_path: Path, database_url: str) -> None:
    assert not Container("gateway", tmp_path, database_url).is_healthy()
