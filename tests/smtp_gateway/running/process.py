"""`manage.py run_gateway` as a process of a test's own, and how to look at it."""

import contextlib
import http.client
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.ending import end
from tests.journeys.stack import free_ports
from tests.smtp_gateway.submission.talking import APP, PASSWORD, insecure_context
from tests.waiting import wait_for


@dataclass
class GatewayProcess:
    """Its supervising process and where it listens."""

    process: subprocess.Popen[bytes]
    smtp_port: int
    smtps_port: int
    health_port: int
    var_dir: Path

    @property
    def log(self) -> str:
        return (self.var_dir / "gateway.log").read_text()

    def get(self, path: str, method: str = "GET", accept: str = "*/*") -> tuple[int, bytes]:
        """Status and body."""
        asking = http.client.HTTPConnection("127.0.0.1", self.health_port, timeout=5)
        with contextlib.closing(asking):
            asking.request(method, path, headers={"Accept": accept})
            answer = asking.getresponse()
            return answer.status, answer.read()

    def health(self) -> tuple[int, dict[str, Any]]:
        status, body = self.get("/health")
        return status, json.loads(body)

    def workers(self) -> list[dict[str, Any]]:
        return self.health()[1]["workers"]

    def pids(self) -> list[int]:
        return [worker["pid"] for worker in self.workers() if "pid" in worker]

    def is_ready(self) -> bool:
        """Also of a process that cannot be asked yet."""
        assert self.process.poll() is None, self.log
        try:
            return self.health()[0] == 200
        except OSError:
            return False

    def metrics(self) -> dict[str, float]:
        """By sample, as in `name{label="value"}`, without the prefix of all names."""
        samples = re.findall(
            r"^directmail_gateway_(\S+) (\S+)$", self.get("/metrics")[1].decode(), re.MULTILINE
        )
        return {name: float(value) for name, value in samples}

    @contextmanager
    def client(self) -> Iterator[smtplib.SMTP_SSL]:
        """Logged in under TLS."""
        context = insecure_context()
        with smtplib.SMTP_SSL("127.0.0.1", self.smtps_port, timeout=10, context=context) as client:
            client.login(APP, PASSWORD)
            yield client

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=15)


_PORTS = ("SMTP_PORT", "SMTPS_PORT", "GATEWAY_HEALTH_PORT")


def gateway_environment(var_dir: Path) -> dict[str, str]:
    """On free ports, with the test's database."""
    host = settings.DATABASES["default"]["HOST"].replace("/", "%2F")
    return os.environ | {
        "DATABASE_URL": f"postgresql://directmail@{host}/{connection.settings_dict['NAME']}",
        "VAR_DIR": str(var_dir),
        "GATEWAY_PROCESSES": "2",
        "LOG_LEVEL": "INFO",
        **dict(zip(_PORTS, map(str, free_ports(3)), strict=True)),
    }


@contextmanager
def gateway_process(var_dir: Path, **environment: str) -> Iterator[GatewayProcess]:
    """One that is ready; ended if it still runs."""
    variables = gateway_environment(var_dir) | environment
    with (var_dir / "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_gateway"],
            cwd=settings.BASE_DIR,
            env=variables,
            stdout=log,
            stderr=log,
        )
    ports = [int(variables[name]) for name in _PORTS]
    running = GatewayProcess(process, *ports, var_dir)
    try:
        wait_for(running.is_ready, what="the gateway is ready")
        yield running
    finally:
        end(process)
