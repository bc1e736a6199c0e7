"""One recipient gets no more than its share, whichever of the workers is asked."""

import smtplib
import threading
from collections import Counter

import pytest

from tests.journeys.relaying import PATIENCE, TRIGGER, relaying_stack, tables_of
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack
from tests.journeys.submitting import logged_in, mail_text
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

MOST, CLIENTS, MAILS_EACH = 20, 6, 8
RECIPIENT = "ann@example.net"
ACCEPTED = "SELECT count(*) FROM smtp_gateway_delivery WHERE recipient = %s"


def test_workers_count_a_recipient_together(sink: Sink) -> None:
    # A window that no machine is too slow for.
    settings = {
        "GATEWAY_PROCESSES": "3",
        "SAME_RECIPIENT_MAX_MAILS": str(MOST),
        "SAME_RECIPIENT_WINDOW_SECONDS": "3600",
    }
    with relaying_stack(sink, **settings) as stack:
        answers: Counter[int] = Counter()
        clients = [
            threading.Thread(target=submit, args=[stack, number, answers])
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join(PATIENCE)
        assert answers.total() == CLIENTS * MAILS_EACH
        # Two that come at once for the last place may both be sent away.
        wait_for(lambda: filled(stack, answers), seconds=PATIENCE, what="the last of its share")
        assert tables_of(stack).rows(ACCEPTED, RECIPIENT) == [(MOST,)]
        assert set(answers) <= {250, 450, 451}


def filled(stack: Stack, answers: "Counter[int]") -> bool:
    if answers[250] < MOST:
        submit(stack, CLIENTS, answers)
    return answers[250] >= MOST


def submit(stack: Stack, number: int, answers: "Counter[int]") -> None:
    smtp = wait_for(lambda: logged_in(stack.smtp_port), seconds=PATIENCE, what="a log-in")
    for mail in range(MAILS_EACH):
        answers[_answer(smtp, f"{number}-{mail}")] += 1
    smtp.close()


def _answer(smtp: smtplib.SMTP, mark: str) -> int:
    try:
        smtp.sendmail(TRIGGER, [RECIPIENT], mail_text(mark, TRIGGER))
    except smtplib.SMTPRecipientsRefused as error:
        return error.recipients[RECIPIENT][0]
    except smtplib.SMTPDataError as error:
        return error.smtp_code
    return 250
