"""Celery's part in the shell: the checks of the installation's health."""

from celery import shared_task

from directmail.health_checks import processes, running


@shared_task
def note_heartbeat() -> None:
    """Beat sends it, a worker does it: so both are alive."""
    processes.note_heartbeat()


@shared_task
def check_health() -> None:
    """What no page waits for. Twice at once does no harm."""
    running.store_slow()
