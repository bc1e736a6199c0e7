"""The five processes of ours: with which command each runs, and what it says when it fails."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from directmail import places
from directmail.embedded.spawn import begin_log, last_words, spawn
from directmail.up import probes

_MANAGE = [sys.executable, "manage.py"]
_CELERY = [sys.executable, "-m", "celery", "-A", "directmail"]


@dataclass
class Child:
    """A process of ours. `probe` gets the process id and the time of its launch."""

    name: str
    command: Sequence[str]
    probe: Callable[[int, float], bool]
    setting: str
    process: subprocess.Popen[bytes] | None = None
    launched_at: float = 0.0
    log_offset: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    """On top of ours."""

    stop_signal = signal.SIGTERM

    @property
    def log_file(self) -> Path:
        return places.log_file(settings.VAR_DIR, self.name)

    def launch(self) -> None:
        self.launched_at = time.time()
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}
        self.log_offset = begin_log(self.log_file)
        self.process = spawn(self.command, self.log_file, cwd=settings.BASE_DIR, env=environment)

    def is_ready(self) -> bool:
        return self.process is not None and self.probe(self.process.pid, self.launched_at)

    def trouble(self) -> str:
        """Why it does not answer: one sentence with its last words."""
        said = last_words(self.log_file, self.log_offset) or "it said nothing"
        return (
            f"The {self.name} process does not answer ({said}): "
            f"see {self.log_file}, and check {self.setting}."
        )


def web() -> Child:
    command = [
        sys.executable, "-m", "granian", "directmail.wsgi:application", "--interface", "wsgi",
        "--host", settings.WEB_HOST, "--port", str(settings.WEB_PORT),
        "--workers", "1", "--blocking-threads", "8", "--workers-kill-timeout", "2",
        "--no-ws", "--no-access-log",
    ]  # fmt: skip
    return Child("web", command, probes.web_answers, "WEB_HOST and WEB_PORT")


def worker() -> Child:
    # Its own name, so that the answer to a ping is this worker's and no other's.
    node = f"up-{os.getpid()}@{socket.gethostname()}"
    command = [
        *_CELERY, "worker", "--hostname", node, "--loglevel", "INFO",
        "--pool", "threads", "--concurrency", "4",
        "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    return Child("worker", command, lambda _pid, _at: probes.worker_answers(node), "REDIS_URL")


def beat() -> Child:
    directory = settings.VAR_DIR / "beat"
    directory.mkdir(parents=True, exist_ok=True)
    command = [
        *_CELERY, "beat", "--loglevel", "INFO", "--pidfile", "",
        "--schedule", str(directory / "schedule"),
    ]  # fmt: skip
    return Child("beat", command, lambda _pid, at: probes.written_since(directory, at), "VAR_DIR")


def gateway() -> Child:
    command = [*_MANAGE, "run_gateway"]
    return Child(
        "gateway", command, probes.gateway_answers, "SMTP_PORT, SMTPS_PORT and TLS_CERT_FILE"
    )


def relay(*, stop_seconds: float) -> Child:
    return Child(
        "relay", [*_MANAGE, "run_relay"], probes.relay_beats, "RELAY_URL",
        environment={"RELAY_STOP_SECONDS": f"{stop_seconds:g}"},
    )  # fmt: skip
