"""Starting a Celery task for somebody who waits: at once, or not at all."""

import logging

from celery import Task
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# Somebody waits for the page, and a sweep comes anyway. The worker's own blocking reads need the
# longer times of the settings, so this is for a connection of one publication.
_IMPATIENT = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "connect_retries_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}


def publish(task: Task, *arguments: int | str) -> bool:
    """Whether the broker took it; with the broker away the caller has to find another way."""
    try:
        with task.app.connection_for_write(transport_options=_IMPATIENT) as connection:
            task.apply_async(arguments, retry=False, connection=connection)
    except OperationalError:
        log.warning("broker.away", extra={"task": task.name})
        return False
    return True
