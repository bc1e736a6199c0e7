"""The inbound side wired from the settings."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from smtp_gateway.batch_writer import BatchWriter
from smtp_gateway.bridge import Bridge
from smtp_gateway.inbound.door import Door
from smtp_gateway.inbound.door_watch import DoorWatch
from smtp_gateway.inbound.intake import ReturnIntake
from smtp_gateway.inbound.room import HourlyRoom
from smtp_gateway.inbound.services import InboundServices
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.return_path import directory
from smtp_gateway.return_path.token import derive_keys
from smtp_gateway.smtp_sessions import store
from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.transcript_log import TranscriptLog, Words

# Who reports about mail has few mails at a time, and nothing to lose by coming again.
_MAX_RECIPIENTS, _MAX_MAILS, _MAX_ERRORS = 10, 1000, 10
_MOST_TO_POSTMASTER_AN_HOUR = 10
_DRAIN = timedelta(seconds=1)
_STATEMENT_TIMEOUT = timedelta(seconds=9)


def inbound_config() -> Config:
    """As the settings say."""
    return Config(
        hostname=settings.SMTP_HOSTNAME,
        max_message_bytes=settings.INBOUND_MAX_MESSAGE_BYTES,
        max_recipients=_MAX_RECIPIENTS,
        max_connections=settings.INBOUND_MAX_CONNECTIONS,
        max_connections_per_ip=settings.INBOUND_MAX_CONNECTIONS_PER_IP,
        proxies=settings.PROXY_PROTOCOL_FROM,
        unlimited_networks=settings.SMTP_UNLIMITED_NETWORKS,
        max_mails_per_session=_MAX_MAILS,
        max_errors=_MAX_ERRORS,
        command_timeout=settings.SMTP_COMMAND_TIMEOUT,
        data_timeout=settings.SMTP_DATA_TIMEOUT,
        data_total_timeout=settings.SMTP_DATA_TOTAL_TIMEOUT,
        idle_timeout=settings.SMTP_IDLE_TIMEOUT,
        handshake_timeout=settings.SMTP_HANDSHAKE_TIMEOUT,
        max_buffered_bytes=settings.SMTP_MAX_BUFFERED_BYTES // 4,
        drain_timeout=min(_DRAIN, settings.GATEWAY_DRAIN),
    )


def load_door() -> Door:
    """A look at a table of few rows."""
    keys = derive_keys([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    return Door(directory.all_hosts(), keys, directory.is_opt_out_subject)


def build_inbound(services: Services, bridge: Bridge, admission: Admission) -> InboundServices:
    """Beside `services` of the same process. `admission` counts over all workers."""
    return InboundServices(
        config=inbound_config(),
        tls_context=services.tls_context,
        authentication=services.authentication,
        intake=services.intake,
        last_use=services.last_use,
        transcripts=TranscriptLog(BatchWriter("inbound_sessions", _write_sessions, bridge)),
        now=services.now,
        metrics=services.metrics,
        admission=admission,
        watch=DoorWatch(bridge, load_door, Door((), (), directory.is_opt_out_subject)),
        returns=ReturnIntake(LoopDatabase(statement_timeout=_STATEMENT_TIMEOUT)),
        postmaster=HourlyRoom(_MOST_TO_POSTMASTER_AN_HOUR),
    )


def _write_sessions(sessions: Sequence[Words]) -> None:
    if settings.SMTP_SESSIONS_KEPT:
        store.write([words() for words in sessions], known=lambda names: (), is_inbound=True)
