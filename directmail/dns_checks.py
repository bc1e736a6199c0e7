"""What cannot work, or is unwise, about direct delivery by DNS; it joins the other checks."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from senders.domains.spf import is_mechanism
from smtp_gateway.relay.mx.opener import SMTP_PORT
from smtp_gateway.relay.mx.servers import InvalidDnsServer, parse_dns_server

AppConfigs = Sequence[AppConfig] | None


def dns_servers(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E016: a DNS server that is no address; a name would need a DNS server to be found."""
    try:
        for text in settings.DNS_SERVERS:
            parse_dns_server(text)
    except InvalidDnsServer as error:
        hint = "Set DNS_SERVERS to addresses separated by commas, or leave it out."
        return [Error(str(error), hint=hint, id="directmail.E016")]
    return []


def mx_port(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E017."""
    if 1 <= settings.MX_PORT <= 65535:
        return []
    hint = "Set MX_PORT to a number from 1 to 65535, or leave it out."
    return [Error(f"MX_PORT is {settings.MX_PORT}, no port.", hint=hint, id="directmail.E017")]


def spf_mechanisms(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E018: every domain's SPF record would be told to have what is none."""
    wrong = [word for word in settings.SPF_MECHANISMS if not is_mechanism(word)]
    if not wrong:
        return []
    said = f"SPF_MECHANISMS has {wrong[0]!r}, which lets nothing in."
    hint = "Set it to mechanisms such as a:mail.example.com, ip4:192.0.2.10, include:example.net."
    return [Error(said, hint=hint, id="directmail.E018")]


def laboratory(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """W016: for `--deploy`."""
    if settings.MX_PORT == SMTP_PORT:
        return []
    return [
        Caution(
            f"MX_PORT is {settings.MX_PORT}: mail hosts take mail at port {SMTP_PORT} alone.",
            hint="Leave MX_PORT out, unless this installation is a laboratory.",
            id="directmail.W016",
        )
    ]
