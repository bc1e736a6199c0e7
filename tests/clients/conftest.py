"""One gateway process for all clients, with the test's database and a certificate they verify."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from senders.models import SenderAddress
from smtp_gateway.models import Message, RefusedMail, SmtpSession
from tests.clients.mails import SENDER
from tests.clients.submitting import Account
from tests.journeys.stack import free_ports
from tests.smtp_gateway.submission.talking import make_sender
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def account(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Account]:
    """A sender address and the running gateway that knows it."""
    var_dir = tmp_path_factory.mktemp("gateway")
    account = Account(*free_ports(2), var_dir / "tls" / "cert.pem")
    log_file = var_dir / "gateway.log"
    with django_db_blocker.unblock():
        make_sender(SENDER, password=account.password)
        running = _start(account, log_file)
    try:
        wait_for(lambda: _answers(account.implicit_tls_port), what="the gateway answers")
        yield account
        assert running.poll() is None, log_file.read_text()
    finally:
        running.terminate()
        running.wait(timeout=20)
        with django_db_blocker.unblock():
            for written in (Message, RefusedMail, SmtpSession, SenderAddress):
                written.objects.all().delete()
    assert "session.fault" not in log_file.read_text()


def _start(account: Account, log_file: Path) -> subprocess.Popen[bytes]:
    host = settings.DATABASES["default"]["HOST"].replace("/", "%2F")
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://directmail@{host}/{connection.settings_dict['NAME']}",
        "VAR_DIR": str(log_file.parent),
        "SMTP_PORT": str(account.starttls_port),
        "SMTPS_PORT": str(account.implicit_tls_port),
    }
    with log_file.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "manage.py", "run_gateway"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
