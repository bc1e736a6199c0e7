#!/usr/bin/env python
"""Django's command line; `manage.py help` lists what DirectMail adds."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")
    try:
        # Here, because Ctrl-C may well come while everything is still being imported.
        from directmail import command_line

        command_line.run(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
