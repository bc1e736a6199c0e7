"""Celery's part in accounts."""

from celery import shared_task

from directmail.accounts.password_reset import mail_reset_link
from directmail.accounts.resealing import reseal_secrets
from verification.publishing import publish


@shared_task
def send_password_reset(email: str) -> None:
    """Looked up and mailed here, so that the page takes as long for an address nobody has."""
    mail_reset_link(email)


@shared_task
def reseal_two_factor() -> None:
    """A former SECRET_KEY is a fallback for a fortnight only: no secret may need it by then."""
    reseal_secrets()


def queue_password_reset(email: str) -> None:
    """Starts the task; with the broker away the web process does its work."""
    if not publish(send_password_reset, email):
        mail_reset_link(email)
