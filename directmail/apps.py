"""Registers what Django asks of the shell at its start: the system checks."""

from django.apps import AppConfig
from django.core import checks

from directmail import deployment_checks, setting_checks


class DirectMailConfig(AppConfig):
    """The shell of the project."""

    name = "directmail"

    def ready(self) -> None:
        for check in setting_checks.ALL:
            checks.register(check)
        for check in deployment_checks.ALL:
            checks.register(check, deploy=True)
