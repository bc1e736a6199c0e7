"""The process: ports, stopping without losing what is under way, and log-ins shared by many."""

import asyncio
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from senders.models import SenderAddress
from smtp_gateway.models import Message
from smtp_gateway.submission.listening import Listener, PortTaken
from smtp_gateway.submission.server import SubmissionServer
from tests.ending import end
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    PASSWORD,
    Gateway,
    as_data,
    insecure_context,
    plain,
)
from tests.waiting import wait_for

DRAINING = "421 4.3.2 Service shutting down; try again in a moment"
ENVELOPE = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA"]


async def test_a_taken_port_is_one_sentence_that_names_the_setting(gateway: Gateway) -> None:
    listeners = [
        Listener("127.0.0.1", 0, "SMTP_PORT"),
        Listener("127.0.0.1", gateway.port, "SMTPS_PORT", implicit_tls=True),
    ]
    with pytest.raises(PortTaken) as refusal:
        async with SubmissionServer(gateway.services, listeners):
            pass
    assert str(refusal.value) == (
        f"Cannot listen on 127.0.0.1 port {gateway.port} (Address already in use): "
        "set SMTPS_PORT to a free port."
    )


async def test_on_stopping_idle_sessions_are_told_and_data_is_finished(gateway: Gateway) -> None:
    port = gateway.port
    async with gateway.session() as sending, gateway.session() as idle:
        await sending.talk(ENVELOPE)
        stopping = asyncio.create_task(gateway.server.__aexit__(None, None, None))
        assert await idle.reply() == DRAINING
        assert await idle.reader.read() == b""
        assert not stopping.done()
        assert (await sending.talk([as_data(MAIL)]))[0].startswith("250 2.0.0 Ok: queued as ")
        assert await sending.reply() == DRAINING
        await stopping
    assert len(await gateway.messages()) == 1
    with pytest.raises(OSError, match="refused"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_client_that_does_not_finish_its_data_does_not_hold_the_process(
    gateway: Gateway,
) -> None:
    gateway.configure(drain_timeout=timedelta(seconds=0.1))
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(MAIL)
        stopping = asyncio.create_task(gateway.server.__aexit__(None, None, None))
        assert await client.reply() == DRAINING
        await stopping
    assert await gateway.messages() == []


async def test_many_log_ins_with_one_credential_cost_one_verification(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = gateway.bridge.hashing
    calls = 0

    async def counted(work, *arguments):
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.2)
        return await hashing(work, *arguments)

    monkeypatch.setattr(gateway.bridge, "hashing", counted)

    async def log_in() -> None:
        async with gateway.connect(tls=True) as client:
            replies = await client.talk(["EHLO c", f"AUTH PLAIN {plain()}"])
            assert replies[1].startswith("235 ")

    await asyncio.gather(*(log_in() for _ in range(20)))
    assert calls < 5


# --- The command ---------------------------------------------------------------------------------


def free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]


def start(smtp_port: int, smtps_port: int, var_dir: Path) -> subprocess.Popen[bytes]:
    host = settings.DATABASES["default"]["HOST"].replace("/", "%2F")
    name = connection.settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://directmail@{host}/{name}",
        "VAR_DIR": str(var_dir),
        "SMTP_PORT": str(smtp_port),
        "SMTPS_PORT": str(smtps_port),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_gateway"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


@pytest.fixture
def process(sender: SenderAddress, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    ports = free_ports()
    running = start(*ports, tmp_path)
    try:
        wait_for(lambda: answers(ports[1]), what="the gateway answers")
        yield running, ports[0]
    finally:
        end(running)
        running.communicate()


def test_smtplib_submits_and_sigterm_stops_with_exit_code_0(
    process: tuple[subprocess.Popen[bytes], int],
) -> None:
    running, port = process
    context: ssl.SSLContext = insecure_context()
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.starttls(context=context)
        client.login(APP, PASSWORD)
        assert client.sendmail(APP, ["ann@home.example"], MAIL) == {}
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    assert Message.objects.count() == 1
    assert SenderAddress.objects.get().smtp_last_used_at is not None
    assert PASSWORD.encode() not in out


def test_the_command_says_which_port_is_taken(sender: SenderAddress, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = start(port, free_ports()[0], tmp_path)
        _, error = running.communicate(timeout=30)
    assert running.returncode == 1
    assert error.decode().strip().splitlines()[-1] == (
        f"CommandError: Cannot listen on 127.0.0.1 port {port} (Address already in use): "
        "set SMTP_PORT to a free port."
    )
