"""Where the embedded services and the running parts keep their files.

Pure paths from VAR_DIR, so that a command typed beside a running `make up` finds the same
PostgreSQL and Redis without being told.
"""

import hashlib
import os
import re
import secrets
import socket
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# sockaddr_un holds 108 bytes with its end mark, and PostgreSQL adds "/.s.PGSQL.5432".
_LONGEST_SOCKET_DIR_BYTES = 90
# RFC 1123 section 2.1.
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")


def run_dir(var_dir: Path) -> Path:
    """Process ids and locks of the running parts."""
    return var_dir / "run"


def pid_file(var_dir: Path, name: str) -> Path:
    """The process id of one running part, for instance `relay`."""
    return run_dir(var_dir) / f"{name}.pid"


def log_file(var_dir: Path, name: str) -> Path:
    """What one running part writes to stdout and stderr."""
    return var_dir / "log" / f"{name}.log"


def postgres_socket_dir(var_dir: Path) -> Path:
    """Directory of the embedded PostgreSQL's socket."""
    return _socket_dir(var_dir, "postgres")


def redis_socket(var_dir: Path) -> Path:
    """Socket of the embedded Redis."""
    return _socket_dir(var_dir, "redis") / "redis.sock"


def short_socket_root(var_dir: Path) -> Path:
    """Where sockets go whose path under VAR_DIR is too long: a name that all processes derive."""
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"directmail-{digest}"


def embedded_database_url(var_dir: Path) -> str:
    """Where the embedded PostgreSQL answers, as a DATABASE_URL."""
    host = str(postgres_socket_dir(var_dir)).replace("/", "%2F")
    return f"postgresql://directmail@{host}/directmail"


def embedded_redis_url(var_dir: Path) -> str:
    """Where the embedded Redis answers, as a REDIS_URL."""
    return f"unix://{redis_socket(var_dir)}?db=0"


def secret_key(var_dir: Path) -> str:
    """The key of an installation that runs on its embedded services, made at its first use."""
    path = var_dir / "secret_key"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{var_dir} cannot be used ({error}): set VAR_DIR to a directory of yours."
        ) from None


def host_name() -> str:
    """This machine's name where it can stand in a mail address, else `localhost`."""
    name = socket.gethostname()
    return name if is_host_name(name) else "localhost"


def is_host_name(text: str) -> bool:
    """Whether RFC 1123 section 2.1 has it as a name; an IDN does as its A-label."""
    return len(text) <= 253 and bool(_HOST_NAME.fullmatch(text))


def _write_once(path: Path, text: str) -> None:
    """Complete or not at all, and the first of several processes wins."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    try:
        path.hardlink_to(name)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


def _socket_dir(var_dir: Path, name: str) -> Path:
    wanted = run_dir(var_dir) / name
    if len(os.fsencode(wanted)) <= _LONGEST_SOCKET_DIR_BYTES:
        return wanted
    return short_socket_root(var_dir) / name
