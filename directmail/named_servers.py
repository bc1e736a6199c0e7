"""DATABASE_URL and REDIS_URL as Django and Celery want them."""

from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def with_password(url: str, password: str) -> str:
    """`url` with that password, so that a secret file need not hold the whole URL."""
    if not password:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    user = user.partition(":")[0] or "directmail"
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


# A process that hangs within a transaction keeps its locks, and the remains of the queue's old rows
# with them; no transaction of ours waits so long between two statements.
_IDLE_IN_TRANSACTION = "-c idle_in_transaction_session_timeout=60s"


def database(url: str, *, pool_size: int | None) -> dict[str, Any]:
    """Django's settings of that database; None: no pool. Raises ImproperlyConfigured.

    Without a pool nothing ends a transaction that waits: a one-shot command may take its time.
    """
    try:
        parsed = dj_database_url.parse(url, conn_health_checks=True)
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL is not understood: write postgresql://user:password@host:5432/name, "
            "user and password percent-encoded."
        ) from None
    if parsed["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL: postgresql://user:password@host:5432/name."
        )
    pool = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 5,
        # By default the pauses between attempts double for five minutes, and so long can it
        # take after an outage until the database is found again.
        "reconnect_timeout": 5,
    }
    named = parsed.get("OPTIONS", {})
    # What the URL says comes later, and wins.
    session = " ".join(filter(None, [_IDLE_IN_TRANSACTION, named.get("options")]))
    options = {
        **({} if pool_size is None else {"pool": pool}),
        "connect_timeout": 5,
        # A server that vanished from the network is noticed; on a Unix socket these mean nothing.
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **named,
        **({} if pool_size is None else {"options": session}),
    }
    return {**parsed, "OPTIONS": options}


def redis(url: str) -> str:
    """`url` where a Redis client reads all of it. Raises ImproperlyConfigured, not quoting it."""
    if not url or _is_redis_url(url):
        return url
    raise ImproperlyConfigured(
        "REDIS_URL is not the address of a Redis: write redis://:password@host:6379/0, the "
        "password percent-encoded."
    )


def celery_broker(redis_url: str) -> str:
    """Celery's way to write the same address."""
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def _is_redis_url(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return bool(parts.path) and "#" not in url
    try:
        port = parts.port
    except ValueError:
        return False
    # A path that is no number would be read as database 0.
    is_whole = "#" not in url and parts.netloc.count("@") <= 1 and port != 0
    database = parts.path.strip("/")
    named = bool(parts.hostname) and (not database or database.isdecimal())
    return parts.scheme in ("redis", "rediss") and is_whole and named
