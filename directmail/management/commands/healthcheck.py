"""`manage.py healthcheck PART`: whether a part of this host answers; for containers."""

import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from directmail.up import probes

# Beat writes its schedule every three minutes.
_BEAT_SECONDS = 600.0


class Command(BaseCommand):
    """Exit code 0 when the part answers, else 1."""

    help = "Asks a part of this host whether it works; exit code 0 if it does."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", choices=["web", "worker", "beat", "gateway", "relay"])

    def handle(self, *args: Any, **options: Any) -> None:
        if not _answers(options["part"]):
            sys.exit(f"{options['part']} does not answer.")


def _answers(part: str) -> bool:
    match part:
        case "web":
            return probes.web_answers(0, 0)
        case "worker":
            return probes.worker_answers(f"worker@{socket.gethostname()}")
        case "beat":
            return probes.written_within(settings.VAR_DIR / "beat", _BEAT_SECONDS)
        case "gateway":
            return probes.gateway_answers(0, 0)
        case _:
            return probes.relay_of_this_host_beats()
