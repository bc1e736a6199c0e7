"""Workers: as many as asked for, each with its own sessions; one that dies is replaced."""

import os
import signal
import smtplib
import socket
import ssl
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from senders.models import SenderAddress
from smtp_gateway.models import Message
from tests.smtp_gateway.running.process import GatewayProcess, gateway_process
from tests.smtp_gateway.submission.talking import APP, MAIL, insecure_context
from tests.waiting import wait_for


def test_a_worker_killed_during_a_session_is_replaced_and_the_others_go_on(
    gateway: GatewayProcess,
) -> None:
    with ExitStack() as stack:
        clients = _clients_of_both(gateway, stack)
        victim, survivor = clients
        os.kill(victim, signal.SIGKILL)
        with pytest.raises((smtplib.SMTPException, OSError)):
            clients[victim].noop()
        # What comes meanwhile waits for the next worker: nobody is turned away.
        for _ in range(8):
            with gateway.client() as another:
                assert another.sendmail(APP, ["ann@home.example"], MAIL) == {}
        assert clients[survivor].sendmail(APP, ["ann@home.example"], MAIL) == {}
        wait_for(gateway.is_ready, what="a replacement")
        assert survivor in gateway.pids()
        assert victim not in gateway.pids()
        assert len(gateway.pids()) == 2
    assert Message.objects.count() == 9
    assert "how=SIGKILL" in gateway.log


def _clients_of_both(gateway: GatewayProcess, stack: ExitStack) -> dict[int, smtplib.SMTP_SSL]:
    """By the process id of the worker that each has its session with."""
    found: dict[int, smtplib.SMTP_SSL] = {}
    for _ in range(40):
        client = stack.enter_context(gateway.client())
        port = client.sock.getsockname()[1]
        for pid in gateway.pids():
            connections = psutil.Process(pid).net_connections("tcp")
            if any(each.raddr and each.raddr.port == port for each in connections):
                found[pid] = client
        if len(found) == 2:
            return found
    raise AssertionError(f"40 sessions, all at {set(found)}")


def test_the_supervising_process_has_one_thread_and_no_connection(gateway: GatewayProcess) -> None:
    parent = psutil.Process(gateway.process.pid)
    assert parent.num_threads() == 1
    with gateway.client() as client:
        client.sendmail(APP, ["ann@home.example"], MAIL)
        assert not [c for c in parent.net_connections("tcp") if c.status == "ESTABLISHED"]
        # Signals have a pair of sockets, each worker one end of its channel; nothing else is open.
        assert len(parent.net_connections("unix")) == 2 + len(gateway.pids())
    assert sorted(child.pid for child in parent.children()) == sorted(gateway.pids())


def test_workers_end_with_a_supervising_process_that_is_killed(gateway: GatewayProcess) -> None:
    workers = [psutil.Process(pid) for pid in gateway.pids()]
    with gateway.client() as client:
        gateway.process.kill()
        gateway.process.wait()
        code, text = client.getreply()
    assert (code, text[:5]) == (421, b"4.3.2")
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert (len(gone), alive) == (2, [])


def test_a_worker_told_to_stop_finishes_and_is_replaced(gateway: GatewayProcess) -> None:
    before = gateway.pids()
    os.kill(before[0], signal.SIGTERM)
    wait_for(lambda: gateway.is_ready() and before[0] not in gateway.pids(), what="another worker")
    assert before[1] in gateway.pids()
    assert "how=exit code 0" in gateway.log.replace("'", "")


def test_a_tls_session_resumes_at_any_worker(gateway: GatewayProcess) -> None:
    context = insecure_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    session = None
    resumed = []
    for _ in range(8):
        plain = socket.create_connection(("127.0.0.1", gateway.smtps_port), 5)
        with context.wrap_socket(plain, session=session) as secure:
            secure.recv(100)
            resumed.append(secure.session_reused)
            session = session or secure.session
    assert resumed == [False, *[True] * 7]


def test_one_process_will_do(sender: SenderAddress, tmp_path: Path) -> None:
    with gateway_process(tmp_path, GATEWAY_PROCESSES="1") as gateway:
        with gateway.client() as client:
            client.sendmail(APP, ["ann@home.example"], MAIL)
        assert len(gateway.pids()) == 1
        assert gateway.stop(signal.SIGINT) == 0
    assert Message.objects.count() == 1


def test_connections_are_counted_over_all_workers_and_forgotten_with_one_that_dies(
    sender: SenderAddress, tmp_path: Path
) -> None:
    with ExitStack() as stack, gateway_process(tmp_path, SMTP_MAX_CONNECTIONS="6") as gateway:
        address = ("127.0.0.1", gateway.smtp_port)

        def greeting() -> bytes:
            connection = stack.enter_context(socket.create_connection(address, 5))
            return connection.recv(100)[:4]

        wait_for(lambda: _open_sessions(gateway) == 0, what="what was asked for is gone")
        assert [greeting() for _ in range(8)] == [b"220 "] * 6 + [b"421 "] * 2
        for pid in gateway.pids():
            os.kill(pid, signal.SIGKILL)
        assert greeting() == b"220 "


def _open_sessions(gateway: GatewayProcess) -> int:
    return sum(each.get("open_sessions", 1) for each in gateway.workers())
