"""The edge of `manage.py`: what ends a command from outside is one sentence, not a traceback.

What stays running (`run_gateway`, `run_relay`) survives without its database and is left alone.
"""

import sys
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from directmail.logs import is_one_shot
from senders.audit.acting import acting_as, at_command_line


def run(arguments: Sequence[str]) -> None:
    """Runs that command line; leaves by SystemExit when it cannot."""
    _read_settings()
    try:
        with acting_as(at_command_line()):
            execute_from_command_line(list(arguments))
    except OperationalError as error:
        # With an SQLSTATE, PostgreSQL did answer.
        if not is_one_shot(arguments) or getattr(error.__cause__, "sqlstate", None):
            raise
        sys.exit(_database_away(error))


def _read_settings() -> None:
    try:
        str(settings.VAR_DIR)  # reads them all
    except (ImproperlyConfigured, ValueError) as error:
        sys.exit(str(error))


def _database_away(error: OperationalError) -> str:
    if settings.EMBEDDED_POSTGRES:
        return "PostgreSQL does not answer: start `make up`, or set DATABASE_URL."
    reason = (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(".:")
    return f"The database of DATABASE_URL does not answer ({reason}): check DATABASE_URL."
