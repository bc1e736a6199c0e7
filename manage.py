#!/usr/bin/env python
"""Django's command line; `manage.py help` lists what DirectMail adds."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")
    try:
        settings.is_overridden("VAR_DIR")  # reads them all
    except (ImproperlyConfigured, ValueError) as error:
        # A mistyped setting: one sentence says more than a traceback.
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
