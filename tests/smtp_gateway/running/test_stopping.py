"""SIGTERM: what is under way is finished, the rest is told to come again, and all leave in time."""

import signal
import smtplib
import socket
import time
from pathlib import Path

import psutil
import pytest

from senders.models import SenderAddress
from smtp_gateway.models import Message
from tests.smtp_gateway.running.process import GatewayProcess, gateway_process
from tests.smtp_gateway.submission.talking import APP, MAIL
from tests.waiting import wait_for


def _begin_data(client: smtplib.SMTP_SSL) -> None:
    client.ehlo_or_helo_if_needed()
    client.mail(APP)
    client.rcpt("ann@home.example")
    assert client.docmd("DATA")[0] == 354


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_data_in_flight_is_finished_and_the_rest_gets_421(
    gateway: GatewayProcess, how: signal.Signals
) -> None:
    everybody = [psutil.Process(gateway.process.pid), *map(psutil.Process, gateway.pids())]
    with gateway.client() as sending, gateway.client() as idle:
        _begin_data(sending)
        begun = time.monotonic()
        gateway.process.send_signal(how)
        assert idle.getreply() == (421, b"4.3.2 Service shutting down; try again in a moment")
        wait_for(lambda: _refuses(gateway.smtp_port), what="nobody listens")
        status, health = gateway.health()
        assert (status, health["status"]) == (503, "stopping")
        sending.send(MAIL.encode() + b".\r\n")
        assert sending.getreply()[0] == 250
        assert sending.getreply()[0] == 421
    assert gateway.process.wait(timeout=10) == 0
    assert time.monotonic() - begun < 20
    assert Message.objects.count() == 1
    assert not [each for each in everybody if each.is_running()]


def test_a_client_that_never_finishes_is_cut_off_in_time(
    sender: SenderAddress, tmp_path: Path
) -> None:
    with gateway_process(tmp_path, GATEWAY_DRAIN_SECONDS="0.5") as gateway:
        with gateway.client() as client:
            _begin_data(client)
            begun = time.monotonic()
            gateway.process.send_signal(signal.SIGTERM)
            assert client.getreply()[0] == 421
        assert gateway.process.wait(timeout=10) == 0
        assert time.monotonic() - begun > 0.4
    assert not Message.objects.exists()


def test_a_worker_that_does_not_leave_is_killed_in_time(
    sender: SenderAddress, tmp_path: Path
) -> None:
    with gateway_process(tmp_path, GATEWAY_DRAIN_SECONDS="0.2") as gateway:
        stuck = psutil.Process(gateway.pids()[0])
        stuck.suspend()
        assert gateway.stop() == 0
        assert not stuck.is_running()
        assert "worker.killed" in gateway.log


def test_the_service_manager_is_told(sender: SenderAddress, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        with gateway_process(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify")) as gateway:
            assert manager.recv(100) == b"READY=1"
            assert gateway.stop() == 0
            assert manager.recv(100) == b"STOPPING=1"


def test_a_worker_that_does_not_answer_makes_it_not_ready(gateway: GatewayProcess) -> None:
    stuck = psutil.Process(gateway.pids()[0])
    stuck.suspend()
    silent = wait_for(
        lambda: [each for each in gateway.workers() if each["state"] == "silent"], what="silence"
    )
    assert [each["pid"] for each in silent] == [stuck.pid]
    assert gateway.health()[0] == 503
    stuck.resume()
    wait_for(gateway.is_ready, what="an answer")
