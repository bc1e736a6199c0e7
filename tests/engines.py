"""Real PostgreSQL and Redis for the whole test run, loaded as a plugin before the settings are.

Workers of pytest-xdist find the engines of the main process in the environment.
"""

import os
import tempfile
from pathlib import Path

import pytest

from directmail import places
from directmail.embedded import EmbeddedPostgres, EmbeddedRedis

_MARK = "DIRECTMAIL_TEST_ENGINES"
_started: list[EmbeddedPostgres | EmbeddedRedis] = []


def _start() -> None:
    # Short, because sockets lie in it; readable for PostgreSQL's own user.
    var_dir = Path(tempfile.mkdtemp(prefix="dm-test-"))
    var_dir.chmod(0o755)
    # WhiteNoise warns where nothing was collected, and warnings are errors here.
    (var_dir / "static").mkdir()
    os.environ.update({_MARK: str(var_dir), "VAR_DIR": str(var_dir)})
    os.environ.update(
        SECRET_KEY="test-only-key-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFG",
        DATABASE_URL=places.embedded_database_url(var_dir),
        REDIS_URL=places.embedded_redis_url(var_dir),
        SMTP_HOSTNAME="mail.directmail.test",
        ARGON2_MEMORY_KIB="64",
        ARGON2_TIME_COST="1",
        LOG_LEVEL="WARNING",
        # Gateways of several tests run side by side; those that ask for its health name a port.
        GATEWAY_HEALTH_PORT="0",
        GATEWAY_PROCESSES="2",
        # Mails of many tests have one recipient; those that are about it set the limit themselves.
        SAME_RECIPIENT_MAX_MAILS="0",
    )
    for engine in (
        # Durability is not what tests with a fresh cluster are about, and fsync is slow.
        EmbeddedPostgres(var_dir, {"fsync": "off", "max_connections": "200"}),
        EmbeddedRedis(var_dir),
    ):
        engine.start()
        _started.append(engine)


if _MARK not in os.environ:
    _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    while _started:
        _started.pop().stop()
