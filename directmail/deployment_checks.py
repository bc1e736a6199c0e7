"""Settings that work but are unwise in the open: warnings of `manage.py check --deploy`.

A short or telling SECRET_KEY and DEBUG are named by Django's own security.W009 and security.W018.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name for it

from directmail import dns_checks
from directmail.places import is_host_name

AppConfigs = Sequence[AppConfig] | None


def https(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """W001."""
    if urlsplit(settings.PUBLIC_URL).scheme == "https":
        return []
    return [
        Warning(
            "PUBLIC_URL is not https: passwords and verification links cross the net readable.",
            hint="Put a proxy with a certificate in front, and set PUBLIC_URL to https://...",
            id="directmail.W001",
        )
    ]


def host_name(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """W002: RFC 5321 section 4.1.1.1 asks for a name that resolves."""
    if "." in settings.SMTP_HOSTNAME.strip(".") or not is_host_name(settings.SMTP_HOSTNAME):
        return []
    return [
        Warning(
            f"SMTP_HOSTNAME is {settings.SMTP_HOSTNAME!r}, which is not a full host name.",
            hint="Set SMTP_HOSTNAME to the name this host has in DNS, as in mail.example.com.",
            id="directmail.W002",
        )
    ]


def plaintext(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """W003."""
    if not settings.ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK:
        return []
    return [
        Warning(
            "ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK is on: a proxy on this host would make every "
            "client a local one, and their passwords readable.",
            hint="Leave ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK out; clients can use STARTTLS.",
            id="directmail.W003",
        )
    ]


def next_hop(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """W004 and W005."""
    if not settings.RELAY_URL:
        return [
            Warning(
                "RELAY_URL is not set: all mail stays in the local mailbox.",
                hint="Set RELAY_URL to the mail server that takes your mail.",
                id="directmail.W004",
            )
        ]
    if not settings.RELAY_VERIFY_TLS:
        return [
            Warning(
                "RELAY_VERIFY_TLS is off: anybody between may read mail and relay password.",
                hint="Leave RELAY_VERIFY_TLS out, unless the next hop is on a private network.",
                id="directmail.W005",
            )
        ]
    return []


def proxies(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """W006."""
    if all(network.prefixlen for network in settings.PROXY_PROTOCOL_FROM):
        return []
    return [
        Warning(
            "PROXY_PROTOCOL_FROM lists everybody: any client may claim to be any other.",
            hint="List the addresses of your proxies and nothing else.",
            id="directmail.W006",
        )
    ]


ALL = (https, host_name, plaintext, next_hop, proxies, dns_checks.laboratory)
