"""A running `manage.py up` of a test's own: private VAR_DIR, free ports, real processes."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

BASE_DIR = Path(__file__).resolve().parents[2]
PARTS = ("web", "worker", "beat", "gateway", "relay", "postgres", "redis")
_START_SECONDS = 60.0
_NAMED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def environment(**settings: str) -> dict[str, str]:
    """The environment of a newcomer, whatever the test run or a `.env` has set."""
    mine = {"DIRECTMAIL_TEST_ENGINES", "DJANGO_SETTINGS_MODULE", "SYSTEM_MAIL_FROM"}
    keep = {name: value for name, value in os.environ.items() if name not in mine}
    unset = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "RELAY_URL"), "")
    cheap = {"ARGON2_MEMORY_KIB": "64", "ARGON2_TIME_COST": "1", "LOG_LEVEL": "INFO"}
    return {**keep, **unset, **cheap, **settings}


@dataclass
class Stack:
    """One `manage.py up`; `settings` are environment variables on top of private defaults."""

    var_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    operator_email: str = ""
    operator_password: str = ""
    first_output: str = ""

    def __post_init__(self) -> None:
        names = ("WEB_PORT", "SMTP_PORT", "SMTPS_PORT", "GATEWAY_HEALTH_PORT")
        chosen = dict(zip(names, map(str, free_ports(4)), strict=True))
        self.settings = {**chosen, **self.settings, "VAR_DIR": str(self.var_dir)}
        self.settings.setdefault("PUBLIC_URL", f"http://127.0.0.1:{self.settings['WEB_PORT']}")

    @property
    def web_url(self) -> str:
        return self.settings["PUBLIC_URL"]

    @property
    def smtp_port(self) -> int:
        return int(self.settings["SMTP_PORT"])

    @property
    def smtps_port(self) -> int:
        return int(self.settings["SMTPS_PORT"])

    @property
    def output(self) -> str:
        """What the newest `up` printed, stdout and stderr together."""
        return (self.var_dir / "up.out").read_text()

    def launch(self) -> None:
        """Starts `manage.py up` without waiting."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with (self.var_dir / "up.out").open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=BASE_DIR,
                env=environment(**self.settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self) -> Self:
        """Returns when it is ready."""
        self.launch()
        assert self.process is not None
        deadline = time.monotonic() + _START_SECONDS
        while "Ctrl-C stops everything." not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)
        self.first_output = self.first_output or self.output
        if first := re.search(r"Log-in +(\S+)\n +Password +(\S+)\n", self.output):
            self.operator_email, self.operator_password = first.groups()
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stops it in order; returns its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=20)

    def pid(self, name: str) -> int:
        return int((self.var_dir / "run" / f"{name}.pid").read_text())

    def leftovers(self) -> list[str]:
        """Pid files and processes of this VAR_DIR; none after a stop."""
        files = [file.name for file in (self.var_dir / "run").glob("*.pid")]
        return files + [" ".join(words) for words in _command_lines(str(self.var_dir))]

    def manage(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """A command typed beside the running `up`, which knows no more than it has to."""
        named = {name: self.settings[name] for name in _NAMED if name in self.settings}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=environment(VAR_DIR=str(self.var_dir), **named),
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _command_lines(var_dir: str) -> Iterator[list[str]]:
    for process in psutil.process_iter():
        try:
            if process.environ().get("VAR_DIR") == var_dir or var_dir in str(process.cmdline()):
                yield process.cmdline()
        except psutil.Error:
            continue


@contextmanager
def private_stack(**settings: str) -> Iterator[Stack]:
    """A stack that is not started yet; stopped and removed at the end, whatever happens."""
    # Short, because sockets lie in it; readable for PostgreSQL's own user.
    var_dir = Path(tempfile.mkdtemp(prefix="dm-up-"))
    var_dir.chmod(0o755)
    stack = Stack(var_dir, settings)
    try:
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(var_dir, ignore_errors=True)


@contextmanager
def running_stack(**settings: str) -> Iterator[Stack]:
    """A started stack."""
    with private_stack(**settings) as stack:
        yield stack.start()
