"""Whether a part answers: one short question each, asked again until it does."""

import http.client
import smtplib
import socket
import ssl
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from directmail.celery import app
from smtp_gateway.models import RelayProcess
from smtp_gateway.relay.registration import machine
from smtp_gateway.submission.networks import is_in

_SECONDS = 1.0
_FRESH = timedelta(seconds=15)


def connectable(host: str) -> str:
    """Where to reach a server that listens on `host`: a wildcard is reached on loopback."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def web_answers(_pid: int, _launched_at: float) -> bool:
    """/healthz says 200, so the web process reaches its database too."""
    return _says_ok(settings.WEB_HOST, settings.WEB_PORT, "/healthz")


def _says_ok(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(connectable(host), port, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker_answers(node: str) -> bool:
    """The worker of that node name answers a ping over the broker."""
    try:
        return bool(app.control.ping(destination=[node], timeout=0.5))
    except OperationalError:
        return False


def written_since(directory: Path, launched_at: float) -> bool:
    """Some file there was written after `launched_at` (seconds since the epoch)."""
    return any(file.stat().st_mtime >= launched_at for file in directory.iterdir())


def written_within(directory: Path, seconds: float) -> bool:
    """Some file there was written in the last `seconds`."""
    return directory.is_dir() and written_since(directory, time.time() - seconds)


class _Client(smtplib.SMTP):
    """Speaks for itself where the gateway takes this machine for a proxy."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected = socket.create_connection((host, port), timeout)
        if is_in(connected.getsockname()[0], settings.PROXY_PROTOCOL_FROM):
            connected.sendall(b"PROXY UNKNOWN\r\n")
        return connected


class _TlsClient(smtplib.SMTP_SSL, _Client):
    """The same under TLS."""


def gateway_answers(_pid: int, _launched_at: float) -> bool:
    """Every worker accepts, as far as /health can be asked, and both ports greet."""
    health = (settings.GATEWAY_HEALTH_HOST, settings.GATEWAY_HEALTH_PORT)
    return (not health[1] or _says_ok(*health, "/health")) and _smtp_greets()


def _smtp_greets() -> bool:
    """On both ports, on the one of implicit TLS inside TLS."""
    host = connectable(settings.SMTP_HOST)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with _Client(host, settings.SMTP_PORT, "localhost", _SECONDS):
            pass
        with _TlsClient(host, settings.SMTPS_PORT, "localhost", timeout=_SECONDS, context=context):
            return True
    except (OSError, smtplib.SMTPException):
        return False


def relay_beats(pid: int, _launched_at: float) -> bool:
    """The relay of that process id has a fresh heartbeat, by the database's clock."""
    fresh = RelayProcess.objects.filter(pid=pid, heartbeat_at__gte=Now() - _FRESH)
    try:
        return fresh.exists()
    except DatabaseError:
        return False


def relay_of_this_host_beats() -> bool:
    """A relay of this host has a fresh heartbeat: where its process id is not known."""
    fresh = RelayProcess.objects.filter(host=machine(), heartbeat_at__gte=Now() - _FRESH)
    try:
        return fresh.exists()
    except DatabaseError:
        return False
