"""Settings that cannot work: errors of `manage.py check`, before anything starts."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from smtp_gateway.relay.next_hop import InvalidRelayUrl, parse_relay_url

AppConfigs = Sequence[AppConfig] | None
# The relay's: four threads, the heartbeat's, and one to spare.
_LEAST_POOL_SIZE = 6


def public_url(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E001: mailed links are built from it."""
    parts = urlsplit(settings.PUBLIC_URL)
    is_origin = parts.scheme in ("http", "https") and parts.hostname
    if is_origin and not (parts.path or parts.query or parts.fragment):
        return []
    return [
        Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL!r}, which is not the address of a site.",
            hint="Set PUBLIC_URL to scheme and host, as in https://mail.example.com.",
            id="directmail.E001",
        )
    ]


def mail_addresses(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E002 and E003: addresses that mail is sent from, and that somebody logs in with."""
    found: list[CheckMessage] = []
    for setting, number in (("SYSTEM_MAIL_FROM", 2), ("FIRST_OPERATOR_EMAIL", 3)):
        address = getattr(settings, setting)
        if not _is_mail_address(address):
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
    if timedelta(0) < settings.RETRY_FIRST <= settings.RETRY_MAX:
        return []
    return [
        Error(
            "RETRY_FIRST_SECONDS is not between 0 and RETRY_MAX_SECONDS.",
            hint="Set RETRY_FIRST_SECONDS to more than 0 and no more than RETRY_MAX_SECONDS.",
            id="directmail.E005",
        )
    ]


def positive(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E006: counts, sizes and durations of nothing at all."""
    values = {
        "TRIGGER_LIFETIME_HOURS": settings.MAIL_LIFETIME["trigger"].total_seconds(),
        "BATCH_LIFETIME_HOURS": settings.MAIL_LIFETIME["batch"].total_seconds(),
        "MAX_MESSAGE_BYTES": settings.MAX_MESSAGE_BYTES,
        "MAX_RECIPIENTS": settings.MAX_RECIPIENTS,
        "RELAY_CONNECTIONS": settings.RELAY_CONNECTIONS,
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
    for setting in ("WEB_PORT", "SMTP_PORT", "SMTPS_PORT"):
        port = getattr(settings, setting)
        if not 1 <= port <= 65535:
            hint = f"Set {setting} to a number from 1 to 65535."
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
    """E009: files that a setting names have to be there; without one they are made."""
    return [
        Error(
            f"{setting} names {file}, which cannot be read.",
            hint="Set TLS_CERT_FILE and TLS_KEY_FILE to PEM files, or leave both out.",
            id="directmail.E009",
        )
        for setting, file in _named_tls_files()
        if not Path(file).is_file()
    ]


def _named_tls_files() -> Iterator[tuple[str, str]]:
    own = settings.VAR_DIR / "tls"
    files = {name: getattr(settings, name) for name in ("TLS_CERT_FILE", "TLS_KEY_FILE")}
    if any(Path(file).parent != own for file in files.values()):
        yield from files.items()


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
    database_pool,
    ports,
    tls_files,
)
