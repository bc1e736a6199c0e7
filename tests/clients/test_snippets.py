"""The snippets of a sender address's page, run against the gateway just as they are shown there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from smtp_gateway.models import Message
from smtp_gateway.sender_page.connection import Connection
from smtp_gateway.sender_page.snippets import snippet_text
from tests.clients.mails import SENDER
from tests.clients.stored import recipients_of
from tests.clients.submitting import (
    NEEDS_CURL,
    NEEDS_NODEMAILER,
    NEEDS_SWAKS,
    NODE_MODULES,
    Account,
)
from tests.smtp_gateway.submission.talking import make_sender

pytestmark = [pytest.mark.django_db]

ODD = "o.neil+news_1-a@xn--bcher-kva.example"
PLACEHOLDER = "SMTP_PASSWORD='the SMTP password'"
SEND_BY_DJANGO = """
import django
from django.conf import settings
from django.core.mail import send_mail
settings.configure(**{name: value for name, value in globals().items() if name.isupper()})
send_mail("Hello from Django", "It works.", None, ["friend@example.net"])
"""
RUN = {
    "swaks": ["bash", "-c"],
    "curl": ["bash", "-c"],
    "python": [sys.executable, "-c"],
    "django": [sys.executable, "-c"],
    "nodemailer": ["node", "-e"],
}


@pytest.fixture(scope="module")
def odd_sender(account: Account, django_db_blocker: DjangoDbBlocker) -> str:
    with django_db_blocker.unblock():
        make_sender(ODD, password=account.password)
    return ODD


@pytest.mark.usefixtures("odd_sender")
@pytest.mark.parametrize("address", [SENDER, ODD])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("swaks", marks=NEEDS_SWAKS),
        pytest.param("curl", marks=NEEDS_CURL),
        "python",
        "django",
        pytest.param("nodemailer", marks=NEEDS_NODEMAILER),
    ],
)
def test_the_snippet_sends_a_mail_and_trusts_only_the_gateway(
    account: Account, name: str, address: str, tmp_path: Path
) -> None:
    before = set(Message.objects.values_list("id", flat=True))
    done = run(name, account, address, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (message,) = Message.objects.exclude(id__in=before)
    assert message.mail_from == message.sender_address == address
    assert message.subject.startswith("Hello from ")
    assert message.tls
    assert recipients_of(message) == ["friend@example.net"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("swaks", marks=NEEDS_SWAKS),
        pytest.param("curl", marks=NEEDS_CURL),
        "python",
        "django",
        pytest.param("nodemailer", marks=NEEDS_NODEMAILER),
    ],
)
def test_without_the_certificate_the_snippet_sends_nothing(
    account: Account, name: str, tmp_path: Path
) -> None:
    """So none of them switches verification off."""
    before = Message.objects.count()
    done = run(name, account, SENDER, tmp_path, trusts=False)
    assert done.returncode != 0
    assert Message.objects.count() == before


def run(
    name: str, account: Account, address: str, folder: Path, *, trusts: bool = True
) -> "subprocess.CompletedProcess[str]":
    """In a folder that the certificate was downloaded to."""
    (folder / "directmail.pem").write_bytes(account.ca_file.read_bytes())
    connection = Connection(
        user_name=address,
        host="localhost",
        starttls_port=account.starttls_port,
        tls_port=account.implicit_tls_port,
        ca_file="directmail.pem" if trusts else "",
    )
    text = snippet_text(name, connection)
    if RUN[name][0] == "bash":
        assert PLACEHOLDER in text
        text = text.replace(PLACEHOLDER, f"SMTP_PASSWORD={account.password}")
    if name == "django":
        text += SEND_BY_DJANGO
    asks_for_it = "SSL_CERT_FILE=directmail.pem" in text
    environment = {"SSL_CERT_FILE": "directmail.pem"} if asks_for_it else {}
    return subprocess.run(
        [*RUN[name], text],
        cwd=folder,
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "SMTP_PASSWORD": account.password,
            "NODE_PATH": str(NODE_MODULES),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
