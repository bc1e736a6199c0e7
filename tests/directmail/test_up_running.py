"""One `make up` as a newcomer meets it: ready, watched, stopped, and back with its data."""

import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from smtplib import SMTP, SMTP_SSL

import psutil
import pytest

from tests.journeys.console import Console
from tests.journeys.stack import PARTS, Stack, running_stack
from tests.waiting import wait_for

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running
        assert running.stop(signal.SIGTERM) == 0


def test_the_summary_says_where_everything_is(stack: Stack) -> None:
    for line in (
        f"Console        {stack.web_url}/",
        "Log-in         operator@directmail.local",
        f"SMTP           127.0.0.1 port {stack.smtp_port} (STARTTLS) or {stack.smtps_port} (TLS)",
        f"Local mailbox  {stack.web_url}/mailbox/",
        f"Gateway        http://127.0.0.1:{stack.settings['GATEWAY_HEALTH_PORT']}/health and",
        f"Logs           {stack.var_dir / 'log'}",
        "The password is shown this once and kept nowhere.",
    ):
        assert line in stack.first_output


def test_the_console_lets_the_printed_operator_in(stack: Stack) -> None:
    page = Console(stack.web_url).log_in(stack.operator_email, stack.operator_password)
    assert (page.status, page.url) == (200, f"{stack.web_url}/")


def test_the_printed_password_is_in_no_file(stack: Stack) -> None:
    terminal = stack.var_dir / "up.out"  # what the test itself keeps
    files = [file for file in stack.var_dir.rglob("*") if file.is_file() and file != terminal]
    assert [file.name for file in files if _holds(file, stack.operator_password)] == []


def test_both_smtp_ports_greet(stack: Stack) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with SMTP("127.0.0.1", stack.smtp_port, timeout=5) as client:
        assert client.starttls(context=context)[0] == 220
    with SMTP_SSL("127.0.0.1", stack.smtps_port, timeout=5, context=context) as client:
        assert client.noop()[0] == 250


def test_every_part_leaves_the_id_of_its_living_process(stack: Stack) -> None:
    words = {"web": "granian", "gateway": "run_gateway", "relay": "run_relay", "beat": "beat",
             "worker": "worker", "postgres": "postgres", "redis": "redis-server"}  # fmt: skip
    for name in PARTS:
        assert any(words[name] in word for word in psutil.Process(stack.pid(name)).cmdline())


def test_a_second_up_on_the_same_directory_is_refused(stack: Stack) -> None:
    done = stack.manage("up")
    assert done.returncode == 1
    assert done.stderr == (
        f"`make up` runs already on {stack.var_dir} (process {_pid(stack)}): "
        "stop it first, or set VAR_DIR to another directory.\n"
    )


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_is_started_again(stack: Stack, name: str) -> None:
    before = stack.pid(name)
    psutil.Process(before).kill()
    wait_for(lambda: _has_new_pid(stack, name, before), what=f"{name} is back")
    assert f"{name} was ended by SIGKILL; starting it again." in stack.output
    wait_for(lambda: _is_healthy(stack), what="all answer")


def test_commands_work_beside_it_without_settings(stack: Stack) -> None:
    typed = ("create_operator", "second@example.com", "--password-stdin", "--json")
    done = stack.manage(*typed, typed="a long enough passphrase\n")
    made = '{"email": "second@example.com", "role": "operator"}\n'
    assert (done.returncode, done.stdout) == (0, made), done.stderr
    again = stack.manage(*typed, typed="a long enough passphrase\n")
    assert again.returncode == 1
    assert "There is an operator second@example.com already" in again.stderr


def test_it_stops_within_10_seconds_and_finds_its_data_again(stack: Stack) -> None:
    wait_for(lambda: _is_healthy(stack), what="all answer")
    processes = [psutil.Process(stack.pid(name)) for name in PARTS]
    assert stack.process is not None
    stack.process.send_signal(signal.SIGINT)
    stack.process.send_signal(signal.SIGINT)  # an impatient second Ctrl-C changes nothing
    assert stack.process.wait(timeout=10) == 0
    assert not [process for process in processes if process.is_running()]
    assert not stack.leftovers()
    stack.start()
    assert "Password       as shown at the first start" in stack.output
    page = Console(stack.web_url).log_in(stack.operator_email, stack.operator_password)
    assert page.url == f"{stack.web_url}/"


def test_what_a_killed_up_left_behind_is_stopped_first(stack: Stack) -> None:
    left = [psutil.Process(stack.pid(name)) for name in PARTS]
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()
    assert all(process.is_running() for process in left)
    stack.start()
    assert "Stopped the gateway process that an earlier run left behind." in stack.output
    assert not [process for process in left if process.is_running()]


def _holds(file: Path, secret: str) -> bool:
    try:
        return secret.encode() in file.read_bytes()
    except FileNotFoundError:
        return False  # PostgreSQL's temporary files come and go


def _pid(stack: Stack) -> int:
    assert stack.process is not None
    return stack.process.pid


def _has_new_pid(stack: Stack, name: str, before: int) -> bool:
    try:
        return psutil.pid_exists(stack.pid(name)) and stack.pid(name) != before
    except (FileNotFoundError, ValueError):
        return False


def _is_healthy(stack: Stack) -> bool:
    """The web process and both SMTP ports answer."""
    try:
        for port in (stack.smtp_port, stack.smtps_port):
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        return Console(stack.web_url).get("/healthz").status == 200
    except OSError:
        return False
