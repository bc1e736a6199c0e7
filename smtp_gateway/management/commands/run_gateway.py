"""`manage.py run_gateway`: the submission server, wired from the settings."""

import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from socket import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from smtp_gateway import directory, refusals
from smtp_gateway.batch_writer import BatchWriter
from smtp_gateway.bridge import Bridge
from smtp_gateway.gateway_config import submission_config
from smtp_gateway.inbound.wiring import build_inbound
from smtp_gateway.log_context import leave_out_what_no_line_shows
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.quota.store import QuotaStore
from smtp_gateway.running.certificate_files import CertificateFiles, UnusableCertificate
from smtp_gateway.running.channel import Channel
from smtp_gateway.running.health import pages
from smtp_gateway.running.supervisor import Plan, Supervisor
from smtp_gateway.running.worker import Place, run_worker
from smtp_gateway.smtp_sessions import store
from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.authentication import Authentication
from smtp_gateway.submission.directory_access import Directory, Senders
from smtp_gateway.submission.intake import Intake
from smtp_gateway.submission.last_use import LastUse
from smtp_gateway.submission.listening import Listener, PortTaken, open_sockets
from smtp_gateway.submission.log_in_budget import HOME_SECONDS, LogInBudget
from smtp_gateway.submission.metrics import Metrics
from smtp_gateway.submission.quotas import Quotas
from smtp_gateway.submission.recent_recipients import RecentRecipients, RecentRow
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.shared_counts import SharedCounts
from smtp_gateway.submission.shared_failures import SharedFailures
from smtp_gateway.submission.transcript_log import TranscriptLog, Words
from smtp_gateway.suppressing.watch import SuppressionWatch

# A client waits at least as long for a reply (RFC 5321 section 4.5.3.2), and can be told to wait.
_STATEMENT_TIMEOUT = timedelta(seconds=9)


class Command(BaseCommand):
    help = (
        "Accepts mail by SMTP on SMTP_PORT (STARTTLS) and SMTPS_PORT (implicit TLS), and what comes"
        " back on INBOUND_PORT."
    )
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        leave_out_what_no_line_shows()
        try:
            _supervise()
        except (PortTaken, UnusableCertificate) as error:
            raise CommandError(str(error)) from None


def _supervise() -> None:
    """Nothing here may start a thread or an event loop, or connect: workers are forked from it."""
    files = _certificate_files()
    tls_context = files.context()
    listeners = _listeners()

    counts = SharedCounts(settings.GATEWAY_PROCESSES)
    recent = _recent_recipients(settings.GATEWAY_PROCESSES)
    inbound_counts = SharedCounts(settings.GATEWAY_PROCESSES)

    def forget_worker(number: int) -> None:
        counts.forget(number)
        inbound_counts.forget(number)

    def work(number: int, channel: Channel, sockets: Sequence[Sequence[socket]]) -> None:
        bridge = Bridge(
            statement_timeout=_STATEMENT_TIMEOUT, hashing_threads=settings.SMTP_AUTH_THREADS
        )
        place = Place(channel, listeners, sockets, (files.certificate, files.key))
        try:
            services = build_services(
                bridge, tls_context, Admission(counts.row(number)), recent.row(number)
            )
            inbound = Admission(inbound_counts.row(number))
            run_worker(place, services, bridge, build_inbound(services, bridge, inbound))
        finally:
            bridge.close()

    supervisor = Supervisor(
        Plan(
            sockets=_sockets_by_worker(listeners),
            work=work,
            forget_worker=forget_worker,
            drain=settings.GATEWAY_DRAIN,
            renew_certificate=lambda: files.renew(tls_context),
            health_sockets=_health_sockets(),
        )
    )
    supervisor.run(pages(supervisor, lambda: files.expires_at.timestamp()))


def build_services(
    bridge: Bridge,
    tls_context: ssl.SSLContext,
    admission: Admission | None = None,
    recent: RecentRow | None = None,
) -> Services:
    """Everything sessions share, from the settings.

    `admission` and `recent` count over all workers; None: nobody else counts.
    """
    senders: Directory = directory
    metrics = Metrics()
    refused = BatchWriter("refused mails", refusals.write, bridge)
    suppressions = SuppressionWatch(LoopDatabase(statement_timeout=_STATEMENT_TIMEOUT))
    quotas = Quotas(QuotaStore(LoopDatabase(statement_timeout=_STATEMENT_TIMEOUT)))
    return Services(
        config=submission_config(),
        tls_context=tls_context,
        authentication=Authentication(
            Senders(senders.find_senders_on, LoopDatabase(statement_timeout=_STATEMENT_TIMEOUT)),
            bridge,
            senders.decoy_hash(),
            LogInBudget(SharedFailures(settings.REDIS_URL, home_seconds=HOME_SECONDS)),
            metrics,
        ),
        intake=Intake(LoopDatabase(statement_timeout=_STATEMENT_TIMEOUT), metrics),
        last_use=LastUse(senders.record_use, bridge),
        transcripts=TranscriptLog(BatchWriter("smtp_sessions", _write_sessions, bridge)),
        now=timezone.now,
        admission=admission or Admission(SharedCounts().row(0)),
        metrics=metrics,
        note_refusal=refused.put,
        background=(refused, suppressions, quotas),
        suppressed=suppressions,
        quotas=quotas,
        recent=recent or _recent_recipients(workers=1).row(0),
    )


def _recent_recipients(workers: int) -> RecentRecipients:
    return RecentRecipients(workers, window_seconds=settings.SAME_RECIPIENT_WINDOW.total_seconds())


def _write_sessions(sessions: Sequence[Words]) -> None:
    if settings.SMTP_SESSIONS_KEPT:
        snapshots = [words() for words in sessions]
        store.write(snapshots, known=store.sender_addresses(directory.find_senders))


def _listeners() -> list[Listener]:
    host = settings.SMTP_HOST
    return [
        Listener(host, settings.SMTP_PORT, "SMTP_PORT"),
        Listener(host, settings.SMTPS_PORT, "SMTPS_PORT", implicit_tls=True),
        *_inbound_listeners(),
    ]


def _inbound_listeners() -> list[Listener]:
    host, port = settings.INBOUND_HOST, settings.INBOUND_PORT
    return [Listener(host, port, "INBOUND_PORT", is_inbound=True)] if port else []


def _sockets_by_worker(listeners: Sequence[Listener]) -> list[list[list[socket]]]:
    """For each worker, for each listener: its own."""
    opened = [open_sockets(each, processes=settings.GATEWAY_PROCESSES) for each in listeners]
    return [list(of_worker) for of_worker in zip(*opened, strict=True)]


def _health_sockets() -> list[socket]:
    if not settings.GATEWAY_HEALTH_PORT:
        return []
    host, port = settings.GATEWAY_HEALTH_HOST, settings.GATEWAY_HEALTH_PORT
    (sockets,) = open_sockets(Listener(host, port, "GATEWAY_HEALTH_PORT"))
    return sockets


def _certificate_files() -> CertificateFiles:
    cert_file, key_file = Path(settings.TLS_CERT_FILE), Path(settings.TLS_KEY_FILE)
    own = settings.VAR_DIR / "tls"
    are_ours = (cert_file, key_file) == (own / "cert.pem", own / "key.pem")
    return CertificateFiles(cert_file, key_file, settings.SMTP_HOSTNAME if are_ours else None)
