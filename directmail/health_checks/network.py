"""What is asked over the network: the gateway, PUBLIC_URL, and the next hops. Knows no database."""

import http.client
import json
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings

from directmail.health_checks.values import Facts, Result
from directmail.up.probes import connectable, gateway_answers

_SECONDS = 5.0
_GATEWAY_SECONDS = 2.0
_MOST_BYTES = 64 * 1024

Place = tuple[str, int]
"""Host and port."""


def gateway() -> Result:
    """What its /health says; where that is switched off, whether both ports greet."""
    if not settings.GATEWAY_HEALTH_PORT:
        is_there = gateway_answers(0, 0)
        return Result(
            "gateway", *(("ok", "gateway.greets") if is_there else ("bad", "gateway.away"))
        )
    place = connectable(settings.GATEWAY_HEALTH_HOST), settings.GATEWAY_HEALTH_PORT
    try:
        status, said = _get_health(*place)
    except (OSError, http.client.HTTPException, ValueError):
        return Result("gateway", "bad", "gateway.away", {"host": place[0], "port": place[1]})
    if status != HTTPStatus.OK:
        return Result("gateway", "bad", "gateway.not-ready", {"status": str(said["status"])})
    if said["database"] == "away":
        return Result("gateway", "bad", "gateway.database-away")
    return Result("gateway", "ok", "gateway.ready", {"workers": len(said["workers"])})


def inbound() -> Result:
    """Whether the port for mail that comes back greets, if there is to be one."""
    if not settings.INBOUND_PORT:
        return Result("inbound", "ok", "inbound.off")
    host, port = settings.INBOUND_HOST, settings.INBOUND_PORT
    # On all addresses it is found like the submission side, as between containers.
    host = settings.SMTP_CHECK_HOST if connectable(host) != host else host
    if cause := _why_silent(host, port):
        return Result("inbound", "bad", "inbound.away", {"port": port, "cause": cause})
    return Result("inbound", "ok", "inbound.greets", {"port": port})


def _get_health(host: str, port: int) -> tuple[int, dict[str, list[object] | str]]:
    asked = http.client.HTTPConnection(host, port, timeout=_GATEWAY_SECONDS)
    try:
        asked.request("GET", "/health")
        answer = asked.getresponse()
        return answer.status, json.loads(answer.read(_MOST_BYTES))
    finally:
        asked.close()


def public_url() -> Result:
    """Asks the console itself, in the way that browsers and mail readers come."""
    facts = {"url": settings.PUBLIC_URL}
    try:
        # Without a proxy from the environment: that is not the way that others come.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{settings.PUBLIC_URL}/healthz", timeout=_SECONDS) as answer:
            is_ours = answer.read(_MOST_BYTES) == b"ok\n"
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = str(getattr(error, "reason", error))
        return Result("public-url", "bad", "public-url.unreachable", {**facts, "cause": cause})
    if not is_ours:
        return Result("public-url", "bad", "public-url.other", facts)
    if urlsplit(settings.PUBLIC_URL).scheme != "https":
        return Result("public-url", "warn", "public-url.not-https", facts)
    return Result("public-url", "ok", "public-url.ok", facts)


def next_hops(places: Sequence[Place]) -> Result:
    """Whether each of them greets; no log-in and no mail."""
    for host, port in places:
        if cause := _why_silent(host, port):
            facts: Facts = {"host": host, "port": port, "cause": cause}
            return Result("next-hop", "bad", "next-hop.unreachable", facts)
    names = ", ".join(f"{host}:{port}" for host, port in places)
    return Result("next-hop", "ok", "next-hop.greets", {"names": names})


def _why_silent(host: str, port: int) -> str:
    """Empty: it greeted."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        if port == smtplib.SMTP_SSL_PORT:
            with smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context):
                return ""
        with smtplib.SMTP(host, port, timeout=_SECONDS):
            return ""
    except (OSError, smtplib.SMTPException, socket.gaierror) as error:
        return str(error) or type(error).__name__
