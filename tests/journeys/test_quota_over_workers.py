"""A quota over several workers of the gateway, one of which is killed: it is used up to the
recipient, and the mail log agrees.
"""

import itertools
import smtplib
import threading
from collections.abc import Callable
from functools import partial

import pytest

from tests.journeys.relaying import PATIENCE, TRIGGER, Tables, relaying_stack, tables_of
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack
from tests.journeys.submitting import logged_in, mail_text
from tests.journeys.victims import end, gateway_workers
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

QUOTA, CLIENTS = 400, 6
BY_DAY = (
    "SELECT count(*) FROM smtp_gateway_delivery AS delivery"
    " JOIN smtp_gateway_message AS message ON message.id = delivery.message_id"
    " WHERE sender_address = %s GROUP BY date_trunc('day', accepted_at, 'UTC') ORDER BY 1"
)
TAKEN = (
    "SELECT max(taken) FROM smtp_gateway_quotacount"
    " WHERE subject = %s AND period = 'day'"
)  # fmt: skip
LEASES = "SELECT count(*) FROM smtp_gateway_quotalease"


def test_a_quota_holds_to_the_recipient_while_a_worker_is_killed(sink: Sink) -> None:
    with relaying_stack(sink, GATEWAY_PROCESSES="3") as stack:
        tables = tables_of(stack)
        set_quota(tables, QUOTA)
        over = threading.Event()
        clients = [
            threading.Thread(target=submit_until, args=[over, stack, number])
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        try:
            wait_for(lambda: accepted(tables) > QUOTA // 4, seconds=PATIENCE, what="some mail")
            end(gateway_workers(stack)[0])
            # What the dead worker held comes back, and is used.
            wait_for(lambda: accepted(tables) >= QUOTA, seconds=PATIENCE, what="the whole quota")
            wait_for(lambda: refused(stack), seconds=PATIENCE, what="a refusal")
        finally:
            over.set()
            for client in clients:
                client.join(PATIENCE)
        assert accepted(tables) == QUOTA
        wait_for(lambda: tables.rows(LEASES) == [(0,)], seconds=PATIENCE, what="leases come back")
        assert tables.rows(TAKEN, f"address:{TRIGGER}") == [(QUOTA,)]


def set_quota(tables: Tables, recipients: int) -> None:
    # Of a day: an hour may end at any moment.
    changed = (
        "UPDATE senders_mailtypepolicy SET address_per_hour = NULL, address_per_day = %s"
        " WHERE mail_type = 'trigger' RETURNING 1"
    )
    assert tables.rows(changed, recipients) == [(1,)]


def accepted(tables: Tables) -> int:
    """Recipients, of the newest day."""
    counts = [count for (count,) in tables.rows(BY_DAY, TRIGGER)]
    assert max(counts, default=0) <= QUOTA
    return counts[-1] if counts else 0


def submit_until(over: threading.Event, stack: Stack, number: int) -> None:
    """Mail to one, two and three recipients in turn, as fast as it is taken."""
    for count in itertools.count():
        if over.wait(0.05):
            return
        with_session(stack, partial(submit_some, over, f"{number}-{count}"))


def submit_some(over: threading.Event, mark: str, smtp: smtplib.SMTP) -> None:
    for mail in range(50):
        if over.is_set():
            return
        recipients = [f"r{each}-{mail}-{mark}@example.net" for each in range(1 + mail % 3)]
        smtp.sendmail(TRIGGER, recipients, mail_text(mark, TRIGGER))


def with_session(stack: Stack, work: Callable[[smtplib.SMTP], None]) -> None:
    smtp = logged_in(stack.smtp_port)
    if smtp is None:
        return
    try:
        work(smtp)
    except (OSError, smtplib.SMTPException):
        pass  # refused, or its worker was killed
    finally:
        smtp.close()


def refused(stack: Stack) -> bool:
    """Whether a mail to one gets the refusal that it should."""
    smtp = logged_in(stack.smtp_port)
    if smtp is None:
        return False
    try:
        smtp.sendmail(TRIGGER, ["one@example.net"], mail_text("one", TRIGGER))
    except smtplib.SMTPDataError as error:
        return error.smtp_code == 451 and b"Quota of 400 recipients per day" in error.smtp_error
    except smtplib.SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        return code == 452 and b"Quota of 400 recipients per day" in text
    except (OSError, smtplib.SMTPException):
        return False
    finally:
        smtp.close()
    return False
