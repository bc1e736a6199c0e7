"""This machine: room on its disks, and the certificate that the gateway shows."""

import os
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.utils import timezone

from directmail.health_checks.values import Facts, Result, State

_WARN_PART, _BAD_PART = 0.15, 0.05
_WARN_DAYS, _BAD_DAYS = 21, 7
_GIB = 1024**3


def disk() -> Result:
    """Where VAR_DIR lies; beside it the embedded PostgreSQL, where there is one."""
    try:
        found = os.statvfs(settings.VAR_DIR)
    except OSError as error:
        told: Facts = {"path": str(settings.VAR_DIR), "cause": error.strerror or ""}
        return Result("disk", "bad", "disk.away", told)
    part = found.f_bavail / max(1, found.f_blocks)
    state: State = "bad" if part < _BAD_PART else "warn" if part < _WARN_PART else "ok"
    facts: Facts = {
        "path": str(settings.VAR_DIR),
        "percent": int(part * 100),
        "gib": round(found.f_bavail * found.f_frsize / _GIB, 1),
    }
    where = "with-database" if settings.EMBEDDED_POSTGRES else "alone"
    return Result("disk", state, f"disk.{'low' if state != 'ok' else where}", facts)


def database_disk(directory: str) -> Result:
    """Of a PostgreSQL that keeps its files in `directory`, if that is on this machine."""
    try:
        found = os.statvfs(directory)
    except OSError:
        return Result("database-disk", "ok", "database-disk.elsewhere")
    part = found.f_bavail / max(1, found.f_blocks)
    state: State = "bad" if part < _BAD_PART else "warn" if part < _WARN_PART else "ok"
    facts: Facts = {"path": directory, "percent": int(part * 100)}
    return Result(
        "database-disk", state, f"database-disk.{'ok' if state == 'ok' else 'low'}", facts
    )


def certificate() -> Result:
    """The one that the gateway shows to mail clients."""
    path = Path(settings.TLS_CERT_FILE)
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return Result("certificate", "bad", "certificate.unreadable", {"path": str(path)})
    left = found.not_valid_after_utc - timezone.now()
    facts: Facts = {"days": left // timedelta(days=1), "path": str(path)}
    if left < timedelta():
        return Result("certificate", "bad", "certificate.expired", facts)
    if left < timedelta(days=_WARN_DAYS):
        state: State = "bad" if left < timedelta(days=_BAD_DAYS) else "warn"
        return Result("certificate", state, "certificate.expiring", facts)
    if found.issuer == found.subject:
        return Result("certificate", _of_self_signed(), "certificate.self-signed", facts)
    return Result("certificate", "ok", "certificate.ok", facts)


def _of_self_signed() -> State:
    """What is good enough for trying out is none in the open."""
    return "warn" if settings.PUBLIC_URL.startswith("https:") else "ok"
