"""Celery's beat knows the tasks that report."""

from django.conf import settings

from directmail.celery import app


def test_every_task_that_beat_starts_is_one_that_workers_know() -> None:
    # As a worker does when it starts, so that it counts on no other test for an import.
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_a_report_is_made_within_half_a_minute() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["make-due-reports"]
    assert entry["task"] == "smtp_gateway.tasks.make_due_reports"
    assert entry["schedule"] <= 30
