"""The examples of docs/sending.md, run as they stand there but for host, port, address and time."""

import os
import re
import subprocess
import sys

import pytest

from smtp_gateway.models import Message
from tests.clients.mails import SENDER
from tests.clients.stored import recipients_of
from tests.clients.submitting import (
    BASE_DIR,
    NEEDS_CURL,
    NEEDS_NODEMAILER,
    NEEDS_SWAKS,
    NODE_MODULES,
    Account,
)

pytestmark = [pytest.mark.django_db]
PAGE = (BASE_DIR / "docs" / "sending.md").read_text()
RUN = {"python": [sys.executable, "-c"], "js": ["node", "-e"], "sh": ["bash", "-c"]}


def example(title: str) -> tuple[str, str]:
    """Language and text of the first example under a heading that begins so."""
    found = re.search(rf"^### {title}.*?^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1], found[2]


@pytest.mark.parametrize(
    "title",
    [
        "Python",
        pytest.param("Node.js", marks=NEEDS_NODEMAILER),
        pytest.param("swaks", marks=NEEDS_SWAKS),
        pytest.param("curl", marks=NEEDS_CURL),
    ],
)
def test_the_example_sends_a_mail(account: Account, title: str) -> None:
    before = set(Message.objects.values_list("id", flat=True))
    language, text = example(title)
    text = text.replace("smtp.example.com", "localhost").replace("news@example.com", SENDER)
    trust = dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"))
    done = subprocess.run(
        [*RUN[language], text.replace("587", str(account.port))],
        env={
            **os.environ,
            **{name: str(account.ca_file) for name in trust},
            "SMTP_PASSWORD": account.password,
            "NODE_PATH": str(NODE_MODULES),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (message,) = Message.objects.exclude(id__in=before)
    assert message.subject == "Your order"
    assert recipients_of(message) == ["friend@example.net"]
