"""Whether the parts run: relay by its heartbeat, beat and worker by what they do."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from directmail.health_checks.engines import redis_client
from directmail.health_checks.values import Result, State
from smtp_gateway.findings import store, stored

HEARTBEAT = "worker-heartbeat"
_LATE, _VERY_LATE = timedelta(seconds=45), timedelta(minutes=3)
_SILENT_SECONDS = 15
# Celery's own name for the list of tasks that wait.
_QUEUE = "celery"

_RELAYS = """
SELECT count(*) FILTER (WHERE heartbeat_at >= now() - make_interval(secs => %s)),
       extract(epoch FROM now() - max(heartbeat_at))::float8
FROM smtp_gateway_relayprocess
"""


def note_heartbeat() -> None:
    """Called by a task that beat sends: that it runs proves that both are alive."""
    store({HEARTBEAT: {}})


def worker_and_beat() -> Result:
    """Fresh, late or never: by the last task that beat sent and a worker did."""
    finding = stored([HEARTBEAT]).get(HEARTBEAT)
    if finding is None:
        return Result("worker", "bad", "worker.never")
    age = timezone.now() - finding.found_at
    facts = {"seconds": max(0, round(age.total_seconds()))}
    if age <= _LATE:
        return Result("worker", "ok", "worker.fresh", facts)
    state: State = "bad" if age > _VERY_LATE else "warn"
    return Result("worker", state, _who_is_late(), facts)


def relay() -> Result:
    with connection.cursor() as cursor:
        cursor.execute(_RELAYS, [_SILENT_SECONDS])
        ((fresh, seconds),) = cursor.fetchall()
    if fresh:
        return Result("relay", "ok", "relay.fresh", {"number": fresh})
    if seconds is None:
        return Result("relay", "bad", "relay.none")
    return Result("relay", "bad", "relay.silent", {"seconds": round(seconds)})


def _who_is_late() -> str:
    """Tasks that nobody takes pile up; where there are none, none are sent."""
    try:
        with redis_client() as client:
            return "worker.late" if client.llen(_QUEUE) else "worker.beat-late"
    except RedisError:
        return "worker.no-broker"
