"""A domain from its records in DNS to mail that a receiver finds signed, allowed and aligned."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.clients.receiving import NEEDS_MAILAUTH, authenticated
from tests.journeys.console import Console
from tests.journeys.relaying import BATCH, PATIENCE, TRIGGER, make_sender, tables_of
from tests.journeys.sink import Sink, TakenMail, running_sink
from tests.journeys.stack import Stack, free_ports, running_stack
from tests.journeys.submitting import logged_in, mail_text
from tests.senders.domains.dns import names_running, put
from tests.smtp_gateway.relay.internet.names import Names
from tests.waiting import wait_for

DOMAIN, HOST, RECIPIENT = "example.com", "mail.example.com", "friend@receiver.example"

pytestmark = [pytest.mark.journey, NEEDS_MAILAUTH]


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    with names_running() as running:
        yield running


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with running_sink(free_ports(1)[0]) as running:
        yield running


@pytest.fixture(scope="module")
def stack(names: Names, sink: Sink) -> Iterator[Stack]:
    """Nothing of it allows a domain that is not verified. Commands beside it know the same."""
    told = {
        "DNS_SERVERS": names.server,
        "SMTP_HOSTNAME": HOST,
        "SPF_MECHANISMS": "ip4:127.0.0.1",
        "RELAY_URL": f"smtp://127.0.0.1:{sink.port}",
        "INBOUND_PORT": str(free_ports(1)[0]),
    }
    with pytest.MonkeyPatch.context() as patched:
        for name, value in told.items():
            patched.setenv(name, value)
        with running_stack(**told) as running:
            for address, mail_type in ((TRIGGER, "trigger"), (BATCH, "batch")):
                make_sender(running, address, mail_type)
            yield running


def test_a_receiver_finds_mail_of_a_verified_domain_aligned(
    stack: Stack, names: Names, sink: Sink
) -> None:
    console = Console(stack.web_url)
    console.log_in(stack.operator_email, stack.operator_password)
    console.post("/domains/add/", domain=DOMAIN)
    publish(names, domain_of(stack))
    page = f"/domains/{only_domain(console)}/"
    console.submit(console.get(page), f"{page}check/")
    wait_for(lambda: domain_of(stack)["state"] == "verified", seconds=PATIENCE, what="verified")
    # The relay knows within a moment that it may send, and in another what comes back to where;
    # what is earlier is kept here, or leaves with the sender address.
    trigger = wait_for(lambda: let_out(stack, sink, TRIGGER), seconds=PATIENCE, what="a mail out")
    batch = wait_for(lambda: let_out(stack, sink, BATCH), seconds=PATIENCE, what="a mail out")
    mails = [trigger, batch]
    for mail in mails:
        found = authenticated(
            mail.content, server=names.server, ip="127.0.0.1", mail_from=mail.mail_from
        )
        assert found["dkim"] == [[DOMAIN, "pass", True]] * 2, found["headers"]
        assert (found["spf"], found["dmarc"]) == ("pass", "pass"), found["headers"]
    assert trigger.header(b"List-Unsubscribe") == b""
    # The console of this stack has no https, so one click is not promised.
    assert batch.header(b"List-Unsubscribe").startswith(b"<http://")
    assert batch.header(b"List-Unsubscribe-Post") == b""
    for signature in re.findall(rb"[;\s]h=([^;]+);", batch.content.partition(b"\r\n\r\n")[0]):
        assert b"list-unsubscribe" in b"".join(signature.split()).lower().split(b":")


def only_domain(console: Console) -> str:
    found = re.search(r'href="/domains/(\d+)/"', console.get("/domains/").text)
    assert found
    return found[1]


def domain_of(stack: Stack) -> dict[str, Any]:
    """As `list_domains` has it."""
    listed = stack.manage("list_domains", "--json")
    assert listed.returncode == 0, listed.stderr
    (domain,) = json.loads(listed.stdout)
    return dict(domain)


def publish(names: Names, domain: dict[str, Any]) -> None:
    for record in domain["records"]:
        put(names, record["name"], record["type"], record["wanted"])


def let_out(stack: Stack, sink: Sink, sender: str) -> TakenMail | None:
    """Submits a mail and waits for its end; None: it left with no return path of its own."""
    before = len(sink.taken)
    smtp = wait_for(lambda: logged_in(stack.smtp_port, sender), seconds=PATIENCE, what="a log-in")
    with closing(smtp):
        smtp.sendmail(sender, [RECIPIENT], mail_text(sender, sender))
    tables_of(stack).empty(seconds=PATIENCE)
    left = [mail for mail in sink.taken[before:] if mail.mail_from.endswith(f"@bounces.{DOMAIN}")]
    return left[0] if left else None
