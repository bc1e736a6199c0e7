"""A private DirectMail for measurements, and what each kind of its processes has used."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

BASE_DIR = Path(__file__).resolve().parents[1]
PYTHON = BASE_DIR / ".venv" / "bin" / "python"
USER, PASSWORD = "sender@example.test", "BenchPass2026"
KINDS = ("gateway", "relay", "postgres", "redis", "worker", "beat", "web")
_START_SECONDS = 120
# They are counted all the same.
_NO_QUOTAS = """
from senders.models import MailTypePolicy
MailTypePolicy.objects.update(
    address_per_hour=None, address_per_day=None,
    organisation_per_hour=None, organisation_per_day=None,
)
"""
MIB = 1024 * 1024


@dataclass(frozen=True)
class BenchServer:
    """A running `manage.py up` with one sender address."""

    var_dir: Path
    port: int

    @property
    def tls_port(self) -> int:
        return self.port + 1

    @property
    def environment(self) -> dict[str, str]:
        """For commands beside it."""
        return {
            **os.environ,
            "VAR_DIR": str(self.var_dir),
            "ALLOW_UNVERIFIED_DOMAINS": "1",
            # They send to few recipients for ever.
            "SAME_RECIPIENT_MAX_MAILS": "0",
        }

    def run_in_django(self, code: str) -> None:
        """Runs Python code in `manage.py shell`."""
        command = [str(PYTHON), "manage.py", "shell", "--no-imports", "-c", code]
        subprocess.run(command, cwd=BASE_DIR, env=self.environment, check=True, timeout=300)

    def ask_django(self, code: str) -> str:
        """What that code prints."""
        command = [str(PYTHON), "manage.py", "shell", "--no-imports", "-c", code]
        done = subprocess.run(command, cwd=BASE_DIR, env=self.environment, check=True, timeout=300,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
        return done.stdout

    def processes(self, kind: str) -> list[psutil.Process]:
        """All processes of one kind, the supervising one too."""
        pid_file = self.var_dir / "run" / f"{kind}.pid"
        try:
            first = psutil.Process(int(pid_file.read_text()))
            return [first, *first.children(recursive=True)]
        except (OSError, ValueError, psutil.Error):
            return []

    def pss_mib(self, kind: str) -> float:
        """Memory of one kind, shared pages counted once."""
        total = 0
        for process in self.processes(kind):
            with contextlib.suppress(psutil.Error):
                total += process.memory_full_info().pss
        return total / MIB

    def cpu_seconds(self, kind: str) -> float:
        """Used so far by one kind, ended children included."""
        total = 0.0
        for process in self.processes(kind):
            with contextlib.suppress(psutil.Error):
                total += sum(process.cpu_times()[:4])
        return total


@contextlib.contextmanager
def bench_server(port: int = 2570, sink_port: int = 0) -> Iterator[BenchServer]:
    """Started in a directory of its own, and stopped. Without a sink all mail stays in it."""
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # PostgreSQL's own user has to reach its data.
    directory = Path(tempfile.mkdtemp(prefix="dm-bench-"))
    directory.chmod(0o755)
    server = BenchServer(directory / "directmail", port)
    command = ["sh", "bench/directmail.sh", str(server.var_dir), str(port), str(sink_port or "")]
    with (directory / "directmail.log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=BASE_DIR, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_ready(server, running, directory / "directmail.log")
        server.run_in_django(_NO_QUOTAS)
        yield server
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=30)


def _wait_until_ready(server: BenchServer, running: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ((server.var_dir / "prepared").exists() and "Ctrl-C stops" in log.read_text()):
        if running.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"DirectMail did not start; see {log}:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
