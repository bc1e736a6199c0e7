"""/health and /metrics, asked over HTTP as a balancer and as Prometheus would."""

import contextlib
import os
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from senders.models import SenderAddress
from tests.smtp_gateway.running.process import (
    GatewayProcess,
    gateway_environment,
    gateway_process,
)
from tests.smtp_gateway.submission.talking import APP, MAIL
from tests.waiting import wait_for


def test_health_tells_of_each_worker(gateway: GatewayProcess) -> None:
    with gateway.client():
        wait_for(lambda: sum(each["open_sessions"] for each in gateway.workers()) == 1)
    status, said = wait_for(lambda: _with_database(gateway), what="the database was asked")
    assert (status, said["status"], said["database"]) == (200, "ready", "answers")
    assert [each["worker"] for each in said["workers"]] == [0, 1]
    for each in said["workers"]:
        assert each["state"] == "accepting"
        assert each["heard_seconds_ago"] < 5
        assert each["replaced"] == 0


def _with_database(gateway: GatewayProcess) -> tuple[int, dict] | None:
    status, said = gateway.health()
    return None if said["database"] == "unknown" else (status, said)


def test_a_database_that_is_away_is_told_but_restarts_nothing(
    sender: SenderAddress, tmp_path: Path
) -> None:
    away = "postgresql://directmail@127.0.0.1:1/away"
    with gateway_process(tmp_path, DATABASE_URL=away) as gateway:
        wait_for(lambda: gateway.health()[1]["database"] == "away", what="the database is missed")
        assert gateway.health()[0] == 200
        with smtplib.SMTP("127.0.0.1", gateway.smtp_port, timeout=5) as client:
            assert client.noop()[0] == 250
        assert gateway.metrics()["database_answers"] == 0


def test_what_a_dead_worker_counted_stays_in_the_sums(gateway: GatewayProcess) -> None:
    with gateway.client() as client:
        client.sendmail(APP, ["ann@home.example", "bob@home.example"], MAIL)
        with contextlib.suppress(smtplib.SMTPException):
            client.login(APP, "wrong")
    with smtplib.SMTP("127.0.0.1", gateway.smtp_port, timeout=5) as client:
        client.noop()
    before = wait_for(lambda: _all_told(gateway), what="each worker told of its session")
    assert before["recipients_total"] == 2
    assert before["mail_bytes_total"] > len(MAIL)
    assert before['sessions_total{tls="implicit"}'] == 1
    assert before['sessions_total{tls="none"}'] >= 1
    assert before['replies_total{code="354"}'] == 1
    assert before['log_ins_total{result="verified"}'] == 1
    assert before["auth_seconds_count"] >= 1
    assert before["accept_seconds_count"] == 1
    assert before["batch_mails_count"] == 1
    assert before["buffered_bytes"] == 0
    for pid in gateway.pids():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: gateway.metrics()["workers_replaced_total"] == 2, what="others")
    wait_for(gateway.is_ready, what="both answer")
    after = gateway.metrics()
    totals = [name for name in before if "_total" in name or "_bucket" in name or "_count" in name]
    assert {name: after[name] for name in totals if after[name] < before[name]} == {}
    assert after["mails_total"] == 1
    assert after["workers_ready"] == 2


def _all_told(gateway: GatewayProcess) -> dict[str, float] | None:
    """What was counted, once all of it is: the workers tell of it one after the other."""
    told = gateway.metrics()
    sessions = [told.get(f'sessions_total{{tls="{tls}"}}', 0) for tls in ("implicit", "none")]
    still_open = sum(n for name, n in told.items() if name.startswith("open_sessions"))
    return told if told.get("mails_total") == 1 and min(sessions) > 0 and not still_open else None


def test_metrics_are_what_prometheus_reads(gateway: GatewayProcess) -> None:
    status, body = gateway.get("/metrics")
    assert status == 200
    families = {each.name: each for each in text_string_to_metric_families(body.decode())}
    assert all(each.documentation for each in families.values())
    assert families["directmail_gateway_auth_seconds"].type == "histogram"
    assert families["directmail_gateway_certificate_expires_at_seconds"].samples[0].value > 1.8e9
    assert not [name for name in families if name.startswith("python_")]
    _, newer = gateway.get("/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert {each.name for each in openmetrics.text_string_to_metric_families(newer.decode())}


def test_only_two_pages_and_two_methods(gateway: GatewayProcess) -> None:
    assert gateway.get("/")[0] == 404
    assert gateway.get("/health?full=1")[0] == 200
    assert gateway.get("/health", "HEAD") == (200, b"")
    assert gateway.get("/health", "POST")[0] == 405


def test_slow_and_odd_clients_stop_neither_answers_nor_supervision(
    gateway: GatewayProcess,
) -> None:
    address = ("127.0.0.1", gateway.health_port)
    with socket.create_connection(address) as slow, socket.create_connection(address) as odd:
        slow.sendall(b"GET /health HT")
        odd.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
        assert odd.recv(100).startswith(b"HTTP/1.1 400 ")
        assert gateway.is_ready()
        victim = gateway.pids()[0]
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: victim not in gateway.pids() and gateway.is_ready(), what="another")
        slow.settimeout(10)
        assert slow.recv(100) == b""


def test_a_taken_port_is_one_sentence_that_names_the_setting(
    sender: SenderAddress, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = gateway_environment(tmp_path) | {"GATEWAY_HEALTH_PORT": str(port)}
        done = subprocess.run(
            [sys.executable, "manage.py", "run_gateway"],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"CommandError: Cannot listen on 127.0.0.1 port {port} (Address already in use): "
        "set GATEWAY_HEALTH_PORT to a free port."
    )
