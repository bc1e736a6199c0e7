"""The shell of the project: settings, processes, pages that belong to no other package."""

from directmail.celery import app as celery_app

__all__ = ["celery_app"]
