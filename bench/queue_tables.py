"""A private PostgreSQL with the queue's tables, filled to any size by the database itself."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from django.db import connection

from directmail import places
from directmail.embedded import EmbeddedPostgres

BYTES_PER_DELIVERY = 2000
"""On disk, in the widest of cases: a finished one with mail and attempt, and its log."""

_MESSAGES = """
INSERT INTO smtp_gateway_message (
    queue_id, origin, mail_type, sender_address, mail_from, message_id, subject, size_bytes,
    accepted_at, expires_at, needs_smtputf8, is_8bit, client_name, tls, session_id)
SELECT 'Q' || n, 'smtp', 'trigger', sender, sender, '<' || n || '@bench.test>', 'Bench', 200,
       -- As if 4,000 a second had come in.
       now() - %(age)s::interval - (%(last)s - n) * interval '0.25 ms',
       now() + interval '1 day', false, false, '', '', ''
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n,
     LATERAL (SELECT 's' || n %% %(senders)s || '@bench.test') AS t(sender)
"""
_CONTENTS = """
INSERT INTO smtp_gateway_messagecontent (message_id, body)
SELECT id, convert_to(repeat('x', 200), 'UTF8') FROM smtp_gateway_message WHERE id > %(after)s
"""
_DELIVERIES = """
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    sender_key, finished_at)
SELECT id, 'r' || id || '@example.test', %(lane)s, %(state)s, accepted_at, %(attempts)s, '', '',
       hashtext(sender_address), CASE WHEN %(state)s = 'relayed' THEN now() END
FROM smtp_gateway_message WHERE id > %(after)s ORDER BY id
"""
_ATTEMPTS = """
INSERT INTO smtp_gateway_attempt (
    delivery_id, at, outcome, route, next_hop, reply, reason_code, reason, tls, duration_ms)
SELECT id, now(), 'relayed', 'smarthost', 'mx.example.net:25', '250 2.0.0 Ok', '', '', '', 12
FROM smtp_gateway_delivery WHERE state = 'relayed'
"""
_TABLES = (
    "smtp_gateway_message, smtp_gateway_messagecontent, smtp_gateway_delivery, smtp_gateway_attempt"
)
BUILT_LATER = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename IN ('smtp_gateway_message', 'smtp_gateway_delivery', 'smtp_gateway_attempt')
  AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


@dataclass
class Filling:
    """Fills the tables; `last` is the number of the newest mail."""

    last: int = 0

    def empty(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES}, smtp_gateway_relayprocess CASCADE")
        self.last = 0

    def fill(self, *, queued: int, finished: int, senders: int, lane: str = "trigger") -> None:
        """Indexes are built after the rows, which is quicker and leaves them as good."""
        self.empty()
        with connection.cursor() as cursor:
            cursor.execute(BUILT_LATER)
            indexes = cursor.fetchall()
            for name, _ in indexes:
                cursor.execute(f'DROP INDEX "{name}"')
            if finished:
                self.add(finished, senders=senders, state="relayed", age="2 days")
                cursor.execute(_ATTEMPTS)
            self.add(queued, senders=senders, age="1 hour", lane=lane)
            for _, definition in indexes:
                cursor.execute(definition)
            cursor.execute(f"VACUUM (ANALYZE) {_TABLES}")

    def add(
        self,
        deliveries: int,
        *,
        senders: int,
        state: str = "queued",
        age: str = "0 seconds",
        lane: str = "trigger",
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM smtp_gateway_message")
            values = {
                "first": self.last + 1, "last": self.last + deliveries,
                "senders": senders, "age": age, "after": cursor.fetchone()[0], "state": state,
                "attempts": int(state == "relayed"), "lane": lane,
            }  # fmt: skip
            for statement in (_MESSAGES, _CONTENTS, _DELIVERIES):
                cursor.execute(statement, values)
        self.last += deliveries


@contextlib.contextmanager
def bench_queue() -> Iterator[Filling]:
    """A durable PostgreSQL of its own, set up as `make up` does, and taken away again."""
    directory = Path(tempfile.mkdtemp(prefix="dm-bench-"))
    directory.chmod(0o755)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="directmail.settings",
        VAR_DIR=str(directory),
        SECRET_KEY="bench-only-" + "x" * 50,
        DATABASE_URL=places.embedded_database_url(directory),
        REDIS_URL=places.embedded_redis_url(directory),
    )
    engine = EmbeddedPostgres(directory)
    engine.start()
    try:
        django.setup()
        call_command("migrate", verbosity=0)
        yield Filling()
    finally:
        connection.close()
        engine.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def old_snapshot() -> Iterator[None]:
    """Another connection looks at the database as it is now, for as long as this lasts."""
    parameters = connection.get_connection_params()
    named = {k: parameters[k] for k in ("dbname", "user", "host", "port") if k in parameters}
    with psycopg.connect(**named) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT count(*) FROM smtp_gateway_relayprocess")
        yield


def free_bytes() -> int:
    """Of the disk that a bench would fill."""
    return shutil.disk_usage(tempfile.gettempdir()).free
