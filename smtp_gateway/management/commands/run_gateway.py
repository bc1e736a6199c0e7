"""Runs the submission server until it is told to stop."""

import asyncio
import signal
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from smtp_gateway import directory, refusals
from smtp_gateway.batch_writer import BatchWriter
from smtp_gateway.bridge import Bridge
from smtp_gateway.gateway_config import submission_config
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.smtp_sessions import store
from smtp_gateway.submission.authentication import Authentication
from smtp_gateway.submission.certificate import ensure_self_signed, server_context
from smtp_gateway.submission.directory_access import Directory, Senders
from smtp_gateway.submission.intake import Intake
from smtp_gateway.submission.last_use import LastUse
from smtp_gateway.submission.listening import Listener, PortTaken
from smtp_gateway.submission.log_in_budget import HOME_SECONDS, LogInBudget
from smtp_gateway.submission.metrics import Metrics
from smtp_gateway.submission.server import SubmissionServer
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.shared_failures import SharedFailures
from smtp_gateway.submission.transcript import Snapshot
from smtp_gateway.submission.transcript_log import TranscriptLog

# A client waits at least as long for a reply (RFC 5321 section 4.5.3.2), and can be told to wait.
_STATEMENT_TIMEOUT = timedelta(seconds=9)


class Command(BaseCommand):
    help = "Accepts mail by SMTP on SMTP_PORT (STARTTLS) and SMTPS_PORT (implicit TLS)."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        tls_context = _tls_context()
        bridge = Bridge(
            statement_timeout=_STATEMENT_TIMEOUT, hashing_threads=settings.SMTP_AUTH_THREADS
        )
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(build_services(bridge, tls_context)))
        except PortTaken as error:
            raise CommandError(str(error)) from None
        finally:
            bridge.close()


def build_services(bridge: Bridge, tls_context: ssl.SSLContext) -> Services:
    """Everything sessions share, from the settings."""
    senders: Directory = directory
    metrics = Metrics()
    refused = BatchWriter("refused mails", refusals.write, bridge)
    return Services(
        config=submission_config(),
        tls_context=tls_context,
        authentication=Authentication(
            Senders(senders.find_senders, bridge),
            bridge,
            senders.decoy_hash(),
            LogInBudget(SharedFailures(settings.REDIS_URL, home_seconds=HOME_SECONDS)),
            metrics,
        ),
        intake=Intake(LoopDatabase(statement_timeout=_STATEMENT_TIMEOUT)),
        last_use=LastUse(senders.record_use, bridge),
        transcripts=TranscriptLog(BatchWriter("smtp_sessions", _write_sessions, bridge)),
        now=timezone.now,
        metrics=metrics,
        note_refusal=refused.put,
        background=(refused,),
    )


def _write_sessions(snapshots: Sequence[Snapshot]) -> None:
    if settings.SMTP_SESSIONS_KEPT:
        store.write(snapshots, known=store.sender_addresses(directory.find_senders))


async def _serve(services: Services) -> None:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    async with SubmissionServer(services, _listeners()):
        await told_to_stop.wait()


def _listeners() -> list[Listener]:
    host = settings.SMTP_HOST
    return [
        Listener(host, settings.SMTP_PORT, "SMTP_PORT"),
        Listener(host, settings.SMTPS_PORT, "SMTPS_PORT", implicit_tls=True),
    ]


def _tls_context() -> ssl.SSLContext:
    cert_file, key_file = Path(settings.TLS_CERT_FILE), Path(settings.TLS_KEY_FILE)
    own = settings.VAR_DIR / "tls"
    try:
        if (cert_file, key_file) == (own / "cert.pem", own / "key.pem"):
            ensure_self_signed(
                cert_file, key_file, hostname=settings.SMTP_HOSTNAME, now=timezone.now()
            )
        return server_context(cert_file, key_file)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(
            f"Cannot use the certificate {cert_file} with the key {key_file} ({error}): "
            "set TLS_CERT_FILE and TLS_KEY_FILE."
        ) from None
