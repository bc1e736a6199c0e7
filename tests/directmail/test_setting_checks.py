"""Each system check: what it finds, and silence where nothing is wrong."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.utils import timezone

from smtp_gateway.submission.certificate import ensure_self_signed

_GOOD = {
    "PUBLIC_URL": "https://mail.example.com",
    "SMTP_HOSTNAME": "mail.example.com",
    "RELAY_URL": "smtp://user:secret@relay.example.com:587",
}
_EVERYWHERE = "0.0.0.0"  # noqa: S104


def _each(value: timedelta) -> dict[str, timedelta]:
    return dict.fromkeys(("trigger", "batch"), value)


_NO_TIME = {"trigger": timedelta(0), "batch": timedelta(hours=1)}


def _named(host: str) -> dict[str, str]:
    """SMTP_HOSTNAME, and what is derived from it."""
    return {"SMTP_HOSTNAME": host, "SYSTEM_MAIL_FROM": f"directmail@{host}"}


def _found(settings: Any, **values: Any) -> list[str]:
    for name, value in {**_GOOD, **values}.items():
        setattr(settings, name, value)
    problems = checks.run_checks(include_deployment_checks=True)
    mine = [problem for problem in problems if str(problem.id).startswith("directmail.")]
    assert all(problem.hint for problem in mine)
    return [str(problem.id) for problem in mine]


def test_nothing_is_said_where_nothing_is_wrong(settings: Any) -> None:
    assert _found(settings) == []


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({"PUBLIC_URL": "mail.example.com"}, ["directmail.E001", "directmail.W001"]),
        ({"PUBLIC_URL": "https://example.com/mail"}, ["directmail.E001"]),
        ({"PUBLIC_URL": "https://"}, ["directmail.E001"]),
        ({"PUBLIC_URL": "https://mail example.com"}, ["directmail.E001"]),
        ({"PUBLIC_URL": "https://mail.example.com "}, ["directmail.E001"]),
        ({"PUBLIC_URL": "https://me:secret@mail.example.com"}, ["directmail.E001"]),
        ({"PUBLIC_URL": "https://mail.example.com:99999"}, ["directmail.E001"]),
        ({"PUBLIC_URL": "https://mail.example.com:0"}, ["directmail.E001"]),
        ({"PUBLIC_URL": "https://mail.example.com?"}, ["directmail.E001"]),
        ({"SYSTEM_MAIL_FROM": "directmail"}, ["directmail.E002"]),
        ({"SYSTEM_MAIL_FROM": "a b@example.com"}, ["directmail.E002"]),
        ({"FIRST_OPERATOR_EMAIL": "me"}, ["directmail.E003"]),
        ({"RELAY_URL": "https://relay.example.com"}, ["directmail.E004"]),
        ({"RELAY_URL": "smtp://relay.example.com:99999"}, ["directmail.E004"]),
        ({"RELAY_URL": "smtp://"}, ["directmail.E004"]),
        ({"RELAY_URL": "smtp://localhost:2525"}, ["directmail.E010"]),
        ({"RELAY_URL": "smtps://127.0.0.1:4650"}, ["directmail.E010"]),
        (
            {"RELAY_URL": "smtp://Mail.example.com:2525", "SMTP_HOST": _EVERYWHERE},
            ["directmail.E010"],
        ),
        ({"RELAY_URL": "smtp://localhost:2525", "SMTP_HOST": "::"}, ["directmail.E010"]),
        ({"RETRY_FIRST": _each(timedelta(hours=5))}, ["directmail.E005"] * 2),
        ({"RETRY_FIRST": _each(timedelta(0))}, ["directmail.E005"] * 2),
        ({"MAIL_LIFETIME": _NO_TIME}, ["directmail.E006"]),
        ({"MAX_RECIPIENTS": 0}, ["directmail.E006"]),
        ({"RELAY_CONNECTIONS": -1}, ["directmail.E006"]),
        ({"SMTP_MAX_CONNECTIONS": 0}, ["directmail.E006"]),
        ({"SMTP_AUTH_THREADS": 0}, ["directmail.E006"]),
        ({"SMTP_MAX_BUFFERED_BYTES": 15 * 1024 * 1024}, ["directmail.E013"]),
        ({"SMTP_COMMAND_TIMEOUT": timedelta(seconds=299)}, ["directmail.W010"]),
        ({"SMTP_DATA_TIMEOUT": timedelta(seconds=60)}, ["directmail.W010"]),
        ({"DATABASE_POOL_SIZE": 5}, ["directmail.E006"]),
        ({"DATABASE_POOL_SIZE": 6}, []),
        ({"WEB_PORT": 0}, ["directmail.E007"]),
        ({"SMTP_PORT": 65536}, ["directmail.E007"]),
        ({"SMTP_PORT": 2000, "SMTPS_PORT": 2000}, ["directmail.E008"]),
        ({"GATEWAY_HEALTH_PORT": -1}, ["directmail.E007"]),
        ({"GATEWAY_HEALTH_PORT": 8000, "WEB_PORT": 8000}, ["directmail.E008"]),
        ({"GATEWAY_HEALTH_PORT": 0}, []),
        ({"GATEWAY_PROCESSES": 0}, ["directmail.E006"]),
        ({"TLS_CERT_FILE": "/nowhere/cert.pem"}, ["directmail.E009"]),
        ({"TLS_CERT_FILE": __file__, "TLS_KEY_FILE": __file__}, ["directmail.E009"]),
        ({"ARGON2_MEMORY_KIB": 7}, ["directmail.E011"]),
        ({"ARGON2_MEMORY_KIB": 2**40}, ["directmail.E011"]),
        ({"ARGON2_TIME_COST": 0}, ["directmail.E011"]),
        (_named("bad host"), ["directmail.E012"]),
        ({"DNS_SERVERS": ["192.0.2.53", "[::1]:5353"]}, []),
        ({"DNS_SERVERS": ["192.0.2.53", "dns.example.com"]}, ["directmail.E016"]),
        ({"MX_PORT": 0}, ["directmail.E017", "directmail.W016"]),
        ({"MX_PORT": 2526}, ["directmail.W016"]),
        ({"SPF_MECHANISMS": ["ip4:192.0.2.0/24", "include:spf.example.net"]}, []),
        ({"SPF_MECHANISMS": ["mail.example.com"]}, ["directmail.E018"]),
        (_named("http://x/"), ["directmail.E012"]),
        (_named("münchen.example"), ["directmail.E012"]),
        ({"PUBLIC_URL": "http://mail.example.com"}, ["directmail.W001"]),
        ({"SMTP_HOSTNAME": "mail"}, ["directmail.W002"]),
        ({"ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK": True}, ["directmail.W003"]),
        ({"RELAY_URL": ""}, ["directmail.W004"]),
        ({"PROXY_PROTOCOL_FROM": [ip_network("::/0")]}, ["directmail.W006"]),
        ({"PROXY_PROTOCOL_FROM": [ip_network("10.0.0.0/8")]}, []),
        ({"RELAY_VERIFY_TLS": False}, ["directmail.W005"]),
    ],
)
def test_what_is_wrong_is_named(settings: Any, values: dict[str, Any], ids: list[str]) -> None:
    assert _found(settings, **values) == ids


@pytest.mark.parametrize(
    "values",
    [
        {"RELAY_URL": "smtp://localhost:25"},
        {"RELAY_URL": "smtp://localhost:2525", "SMTP_HOST": "192.0.2.1"},
        {"RELAY_URL": "smtp://relay.example.com:2525", "SMTP_HOST": _EVERYWHERE},
    ],
)
def test_a_next_hop_beside_our_own_ports_is_no_loop(settings: Any, values: dict[str, Any]) -> None:
    assert _found(settings, **values) == []


@pytest.mark.parametrize("address", ["directmail@localhost", "directmail@imac.local"])
def test_a_machines_own_name_will_do_for_the_first_mails(settings: Any, address: str) -> None:
    assert _found(settings, SYSTEM_MAIL_FROM=address) == []


def test_named_certificate_files_that_exist_are_fine(settings: Any, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    ensure_self_signed(cert, key, hostname="mail.example.com", now=timezone.now())
    assert _found(settings, TLS_CERT_FILE=str(cert), TLS_KEY_FILE=str(key)) == []
    assert _found(settings, TLS_CERT_FILE=str(key), TLS_KEY_FILE=str(cert)) == ["directmail.E009"]


@pytest.mark.parametrize(
    "values",
    [
        {"PUBLIC_URL": "https://[2001:db8::1]:8443"},
        {"PUBLIC_URL": "https://192.0.2.1"},
        {"PUBLIC_URL": "HTTPS://Mail.Example.com"},
        {"SMTP_HOSTNAME": "xn--mnchen-3ya.example"},
    ],
)
def test_less_usual_ways_to_write_it_are_fine(settings: Any, values: dict[str, Any]) -> None:
    assert _found(settings, **values) == []


def test_a_short_secret_key_is_named_by_django(settings: Any) -> None:
    settings.SECRET_KEY = "short"
    problems = checks.run_checks(include_deployment_checks=True)
    assert "security.W009" in [problem.id for problem in problems]
