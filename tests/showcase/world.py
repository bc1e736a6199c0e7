"""Starts the installation, and has its mail submitted, relayed and spread over a month."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.journeys.console import Console
from tests.journeys.relaying import Tables, make_sender, tables_of
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack, free_ports, running_stack
from tests.journeys.submitting import logged_in, unchecked_tls
from tests.senders.domains.dns import names_running
from tests.showcase.ageing import spread_over_a_month
from tests.showcase.coming_back import bring_back
from tests.showcase.crawling import first_link
from tests.showcase.domains import add_domains
from tests.showcase.furnishing import changed, furnish, path_of
from tests.showcase.mails import ADDRESSES, LOGINS, OLD, POISON, a_month_of_mail, tried_out
from tests.showcase.next_hop import running_next_hop
from tests.showcase.standing import age_standings, brake_one
from tests.waiting import wait_for

_SEED = 2026
_PATIENCE_SECONDS = 90.0
_UNTRIED = (
    "SELECT count(*) FROM smtp_gateway_delivery"
    " WHERE finished_at IS NULL AND attempt_count = 0 AND state <> 'held'"
)
# In one transaction, so that no relay comes first.
_SET_ASIDE = """
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.queue_id import new_queue_id
now = timezone.now()
with transaction.atomic():
    queue.accept([queue.Submission(
        queue_id=new_queue_id(), origin="smtp", mail_type="trigger", subject="Your code is 4900",
        sender_address="{sender}", mail_from="{sender}", recipients=["{poison}"],
        content=b"Subject: Your code is 4900\\r\\n\\r\\nHello\\r\\n",
        accepted_at=now, expires_at=now + timedelta(days=2),
    )])
    relay = queue.register_relay(host="gone", pid=1)
    Delivery.objects.filter(recipient="{poison}").update(
        state="leased", leased_by=relay, crash_count=2)
    queue.free_leases_of_dead(silent_for=timedelta(minutes=1), gone=[relay])
"""


@dataclass(frozen=True)
class Showcase:
    """The installation, its next hop, and the key of an authenticator app."""

    stack: Stack
    sink: Sink
    app_key: str


@contextmanager
def running_showcase(**settings: str) -> Iterator[Showcase]:
    """A month's mail has come to its ends, or waits."""
    port = free_ports(1)[0]
    given = {
        "RELAY_URL": f"smtp://127.0.0.1:{port}",
        "ALLOW_UNVERIFIED_DOMAINS": "1",
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    with (
        names_running() as names,
        running_next_hop(port) as sink,
        running_stack(DNS_SERVERS=names.server, **given) as stack,
    ):
        console = Console(stack.web_url)
        console.log_in(stack.operator_email, stack.operator_password)
        for address, mail_type in ADDRESSES.items():
            make_sender(stack, address, mail_type)
        brake_one(stack)
        age_standings(stack)
        app_key = furnish(stack, console, sink)
        add_domains(stack, console, names)
        live_a_month(stack, console)
        yield Showcase(stack, sink, app_key)


def live_a_month(stack: Stack, console: Console) -> None:
    submit_all(stack)
    be_refused(stack)
    set_aside(stack)
    wait_for_a_try_of_each(tables_of(stack))
    bring_back(stack)
    have_an_address_that_ended(console)
    retry_one(console)
    spread_over_a_month(tables_of(stack))
    counted = stack.manage("rebuild_rollups")
    assert counted.returncode == 0, counted.stderr


def submit_all(stack: Stack) -> None:
    with ExitStack() as sessions:
        session = {each: sessions.enter_context(session_of(stack, each)) for each in ADDRESSES}
        for mail in [*a_month_of_mail(seed=_SEED), *tried_out()]:
            # Who has bounced meanwhile is refused from then on, as in any shop.
            with suppress(smtplib.SMTPRecipientsRefused):
                session[mail.sender].send_message(
                    mail.message,
                    mail.sender,
                    mail.recipients,
                    rcpt_options=[] if mail.wants_reports else ["NOTIFY=NEVER"],
                )


@contextmanager
def session_of(stack: Stack, sender: str) -> Iterator[smtplib.SMTP]:
    smtp = logged_in(stack.smtp_port, sender)
    assert smtp is not None
    with closing(smtp):
        yield smtp


def be_refused(stack: Stack) -> None:
    """A session that comes to nothing, for the console has them too."""
    with smtplib.SMTP("127.0.0.1", stack.smtp_port, timeout=60) as smtp:
        smtp.starttls(context=unchecked_tls())
        try:
            smtp.login(LOGINS, "not the password")
        except smtplib.SMTPAuthenticationError:
            return
    raise AssertionError("a wrong password was taken")


def set_aside(stack: Stack) -> None:
    """Relays have died three times with this mail in hand."""
    done = stack.manage("shell", "-v", "0", "-c", _SET_ASIDE.format(poison=POISON, sender=LOGINS))
    assert done.returncode == 0, done.stderr


def have_an_address_that_ended(console: Console) -> None:
    changed(console, "/sender-addresses/create/", address=OLD, mail_type="trigger")
    changed(console, f"{path_of(console, OLD)}suspend/")


def retry_one(console: Console) -> None:
    """By hand, of those that wait."""
    mail = first_link(console, "/mail-log/?state=deferred", r"/mail-log/[0-9A-Z]{16}/")
    question = first_link(console, mail, r"/mail-log/actions/retry/\?.*")
    page = console.get(question)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert "is due now" in console.submit(page, urlsplit(question).path, **fields).text


def wait_for_a_try_of_each(tables: Tables) -> None:
    wait_for(
        lambda: tables.rows(_UNTRIED) == [(0,)],
        seconds=_PATIENCE_SECONDS,
        what="a try of every mail",
    )
