"""Starts the installation, and has its mail submitted, relayed and spread over a month."""

import smtplib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from tests.journeys.relaying import Tables, make_sender, tables_of
from tests.journeys.stack import Stack, free_ports, running_stack
from tests.journeys.submitting import logged_in, unchecked_tls
from tests.showcase.ageing import spread_over_a_month
from tests.showcase.mails import ADDRESSES, LOGINS, Mail, a_month_of_mail
from tests.showcase.next_hop import running_next_hop, will_wait
from tests.waiting import wait_for

MAILS = 260
_SEED = 2026
_PATIENCE_SECONDS = 90.0
_UNTRIED = (
    "SELECT count(*) FROM smtp_gateway_delivery WHERE finished_at IS NULL AND attempt_count = 0"
)


@contextmanager
def running_showcase(**settings: str) -> Iterator[Stack]:
    """A month's mail has come to its ends, or waits."""
    port = free_ports(1)[0]
    given = {
        "RELAY_URL": f"smtp://127.0.0.1:{port}",
        "ALLOW_UNVERIFIED_DOMAINS": "1",
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    with running_next_hop(port), running_stack(**given) as stack:
        for address, mail_type in ADDRESSES.items():
            make_sender(stack, address, mail_type)
        submit_all(stack)
        be_refused(stack)
        tables = tables_of(stack)
        wait_for_a_try_of_each(tables)
        spread_over_a_month(tables)
        yield stack


def submit_all(stack: Stack) -> None:
    """What will wait comes last: it is the newest."""
    with ExitStack() as sessions:
        session = {each: sessions.enter_context(session_of(stack, each)) for each in ADDRESSES}
        for mail in sorted(a_month_of_mail(MAILS, seed=_SEED), key=_waits):
            session[mail.sender].send_message(mail.message, mail.sender, mail.recipients)


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


def wait_for_a_try_of_each(tables: Tables) -> None:
    wait_for(
        lambda: tables.rows(_UNTRIED) == [(0,)],
        seconds=_PATIENCE_SECONDS,
        what="a try of every mail",
    )


def _waits(mail: Mail) -> bool:
    return any(map(will_wait, mail.recipients))
