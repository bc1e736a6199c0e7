"""`manage.py up`: everything on this machine, until Ctrl-C."""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from directmail.up.checked import refuse_bad_settings
from directmail.up.errors import CannotStart
from directmail.up.supervisor import Supervisor


class Command(BaseCommand):
    """Starts all parts of DirectMail and watches them."""

    help = "Starts PostgreSQL, Redis (unless named by settings), web, worker, beat, gateway, relay."
    # Done by hand below, so that what is wrong is one sentence.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        # The terminal is for the summary and for what goes wrong; the parts have their own logs.
        logging.getLogger().setLevel(logging.WARNING)
        try:
            refuse_bad_settings()
            Supervisor(_announce).run()
        except KeyboardInterrupt:
            # Before the supervisor listens for it nothing has been started.
            _announce("Stopping.")
        except CannotStart as error:
            sys.exit(str(error))
        except OSError as error:
            sys.exit(_fault(error))


def _fault(error: OSError) -> str:
    """Blames VAR_DIR for what lies in it, and anything else by its own name."""
    if error.filename and Path(os.fsdecode(error.filename)).is_relative_to(settings.VAR_DIR):
        return f"{settings.VAR_DIR} cannot be used ({error}): set VAR_DIR to a directory of yours."
    return f"This machine does not let DirectMail start: {error}."


def _announce(line: str) -> None:
    # The terminal may be gone (SIGHUP); stopping in order matters more than saying so.
    with suppress(OSError):
        print(line, flush=True)
