"""Settings that cannot work: errors of `manage.py check`, before anything starts."""

import os
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from directmail import dns_checks, gateway_checks
from directmail.places import is_host_name
from smtp_gateway.relay.next_hop import InvalidRelayUrl, parse_relay_url

AppConfigs = Sequence[AppConfig] | None
# The relay's: four threads, the heartbeat's, and one to spare.
_LEAST_POOL_SIZE = 6
_MAY_BE_OFF = ("INBOUND_PORT", "GATEWAY_HEALTH_PORT")
# Counts; a limit of 0 would refuse everybody.
_LIMITS = (
    "SMTP_MAX_CONNECTIONS",
    "SMTP_MAX_CONNECTIONS_PER_IP",
    "SMTP_MAX_CONNECTIONS_PER_SENDER",
    "SMTP_MAX_MAILS_PER_SESSION",
    "SMTP_MAX_RECIPIENTS_PER_SESSION",
    "SMTP_MAX_COMMANDS_WITHOUT_MAIL",
    "SMTP_MAX_ERRORS",
    "SMTP_AUTH_MAX_FAILURES_PER_SESSION",
    "SMTP_AUTH_MAX_FAILURES_PER_IP",
    "SMTP_AUTH_MAX_FAILURES_PER_USER",
    "SMTP_AUTH_THREADS",
    "SMTP_AUTH_MAX_WAITING",
    "GATEWAY_PROCESSES",
    "INBOUND_MAX_MESSAGE_BYTES",
    "INBOUND_MAX_CONNECTIONS",
    "INBOUND_MAX_CONNECTIONS_PER_IP",
    "SUPPRESSION_SOFT_BOUNCES",
)


def public_url(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E001: mailed links are built from it."""
    if _is_site(settings.PUBLIC_URL):
        return []
    return [
        Error(
            "PUBLIC_URL is not the address of a site.",
            hint="Set PUBLIC_URL to scheme, host and, if need be, port, as in "
            "https://mail.example.com; an internationalised host as its A-label (xn--...).",
            id="directmail.E001",
        )
    ]


def _is_site(url: str) -> bool:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    is_origin = url.partition("://")[2] == parts.netloc and "@" not in parts.netloc
    named = is_host_name(host) or ":" in host
    return parts.scheme in ("http", "https") and is_origin and named and port != 0


def mail_addresses(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E002 and E003: addresses that mail is sent from, and that somebody logs in with."""
    found: list[CheckMessage] = []
    for setting, number in (("SYSTEM_MAIL_FROM", 2), ("FIRST_OPERATOR_EMAIL", 3)):
        address = getattr(settings, setting)
        # The default of SYSTEM_MAIL_FROM; what is wrong with it is wrong with SMTP_HOSTNAME.
        is_derived = address == f"directmail@{settings.SMTP_HOSTNAME}"
        if not is_derived and not _is_mail_address(address):
            found.append(
                Error(
                    f"{setting} is {address!r}, which is not a mail address.",
                    hint=f"Set {setting} to one, as in directmail@example.com.",
                    id=f"directmail.E00{number}",
                )
            )
    return found


def relay_url(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E004."""
    try:
        if settings.RELAY_URL:
            parse_relay_url(settings.RELAY_URL, verify_tls=settings.RELAY_VERIFY_TLS)
    except InvalidRelayUrl as error:
        hint = "Set RELAY_URL as in smtp://user:password@mail.example.com:587, or leave it out."
        return [Error(str(error), hint=hint, id="directmail.E004")]
    return []


def relay_loop(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E010: a next hop that is this gateway itself; its mail would go round for ever."""
    try:
        hop = parse_relay_url(settings.RELAY_URL, verify_tls=False)
    except InvalidRelayUrl:
        return []
    ports = (settings.SMTP_PORT, settings.SMTPS_PORT)
    if hop.port not in ports or hop.host.lower() not in _own_names():
        return []
    return [
        Error(
            f"RELAY_URL leads to {hop}, which is DirectMail's own SMTP server.",
            hint="Set RELAY_URL to the mail server that takes your mail, or leave it out.",
            id="directmail.E010",
        )
    ]


def _own_names() -> set[str]:
    """Names under which our SMTP server is reached from this machine."""
    listens, named = settings.SMTP_HOST.lower(), settings.SMTP_HOSTNAME.lower()
    loopback = {"localhost", "127.0.0.1", "::1"}
    if listens in loopback:
        return loopback
    return {listens, named, *(loopback if listens in ("0.0.0.0", "::") else ())}  # noqa: S104


def retries(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E005."""
    return [
        Error(
            f"{name}_RETRY_FIRST_SECONDS is not between 0 and {name}_RETRY_MAX_SECONDS.",
            hint=f"Set {name}_RETRY_FIRST_SECONDS to more than 0 and no more than"
            f" {name}_RETRY_MAX_SECONDS.",
            id="directmail.E005",
        )
        for mail_type, name in (("trigger", "TRIGGER"), ("batch", "BATCH"))
        if not timedelta(0) < settings.RETRY_FIRST[mail_type] <= settings.RETRY_MAX[mail_type]
    ]


def positive(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E006: counts, sizes and durations of nothing at all."""
    values = {
        "TRIGGER_LIFETIME_HOURS": settings.MAIL_LIFETIME["trigger"].total_seconds(),
        "BATCH_LIFETIME_HOURS": settings.MAIL_LIFETIME["batch"].total_seconds(),
        "MAX_MESSAGE_BYTES": settings.MAX_MESSAGE_BYTES,
        "MAX_RECIPIENTS": settings.MAX_RECIPIENTS,
        "RELAY_CONNECTIONS": settings.RELAY_CONNECTIONS,
        **{setting: getattr(settings, setting) for setting in _LIMITS},
    }
    return [
        Error(
            f"{setting} is not more than 0.",
            hint=f"Set {setting} to more than 0, or leave it out.",
            id="directmail.E006",
        )
        for setting, value in values.items()
        if value <= 0
    ]


def database_pool(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E006, too: a heartbeat that waits for a connection makes a busy relay look dead."""
    if settings.DATABASE_POOL_SIZE >= _LEAST_POOL_SIZE:
        return []
    return [
        Error(
            f"DATABASE_POOL_SIZE is less than {_LEAST_POOL_SIZE}, what one process needs.",
            hint=f"Set DATABASE_POOL_SIZE to {_LEAST_POOL_SIZE} or more, or leave it out.",
            id="directmail.E006",
        )
    ]


def ports(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E007 and E008: a port out of range, one port named twice."""
    found: list[CheckMessage] = []
    owner: dict[int, str] = {}
    for setting in ("WEB_PORT", "SMTP_PORT", "SMTPS_PORT", "INBOUND_PORT", "GATEWAY_HEALTH_PORT"):
        port = getattr(settings, setting)
        may_be_off = setting in _MAY_BE_OFF
        if may_be_off and port == 0:
            continue
        if not 1 <= port <= 65535:
            off = ", or to 0 for none" if may_be_off else ""
            hint = f"Set {setting} to a number from 1 to 65535{off}."
            found.append(Error(f"{setting} is {port}, no port.", hint=hint, id="directmail.E007"))
        if other := owner.setdefault(port, setting).removeprefix(setting):
            found.append(
                Error(
                    f"{other} and {setting} are both {port}.",
                    hint=f"Set {setting} to another port.",
                    id="directmail.E008",
                )
            )
    return found


def tls_files(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E009: files that settings name have to be a certificate and its key; else they are made."""
    own = settings.VAR_DIR / "tls"
    cert, key = Path(settings.TLS_CERT_FILE), Path(settings.TLS_KEY_FILE)
    if (cert, key) == (own / "cert.pem", own / "key.pem"):
        return []
    hint = "Set both to PEM files, the key without a passphrase, or leave both out."
    for setting, file in (("TLS_CERT_FILE", cert), ("TLS_KEY_FILE", key)):
        if not os.access(file, os.R_OK) or not file.is_file():
            said = f"{setting} names {file}, which cannot be read."
            return [Error(said, hint=hint, id="directmail.E009")]
    try:
        # Without a password OpenSSL would ask for one at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except OSError:
        said = f"TLS_CERT_FILE {cert} and TLS_KEY_FILE {key} are no certificate and its key."
        return [Error(said, hint=hint, id="directmail.E009")]
    return []


def argon2(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E011: what argon2 refuses (RFC 9106 section 3.1), or what no log-in would wait for."""
    bounds = {"ARGON2_MEMORY_KIB": (8, 1024 * 1024), "ARGON2_TIME_COST": (1, 64)}
    return [
        Error(
            f"{setting} is not between {least} and {most}.",
            hint=f"Set {setting} to a number between them, or leave it out.",
            id="directmail.E011",
        )
        for setting, (least, most) in bounds.items()
        if not least <= getattr(settings, setting) <= most
    ]


def smtp_hostname(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E012: it stands in greetings, in Received and in addresses (RFC 5321 section 4.1.2)."""
    if is_host_name(settings.SMTP_HOSTNAME):
        return []
    return [
        Error(
            f"SMTP_HOSTNAME is {settings.SMTP_HOSTNAME!r}, which is not a host name.",
            hint="Set SMTP_HOSTNAME to a name alone, as in mail.example.com; an "
            "internationalised one as its A-label (xn--...).",
            id="directmail.E012",
        )
    ]


def _is_mail_address(text: str) -> bool:
    name, at, domain = text.rpartition("@")
    # A machine's bare name is what SYSTEM_MAIL_FROM has before anybody set it.
    try:
        validate_email(text if "." in domain else f"{name}{at}{domain}.internal")
    except ValidationError:
        return False
    return True


ALL = (
    public_url,
    mail_addresses,
    relay_url,
    relay_loop,
    retries,
    positive,
    gateway_checks.buffered_bytes,
    gateway_checks.smtp_timeouts,
    database_pool,
    gateway_checks.kept_sessions,
    ports,
    tls_files,
    argon2,
    smtp_hostname,
    dns_checks.dns_servers,
    dns_checks.mx_port,
    dns_checks.spf_mechanisms,
)
