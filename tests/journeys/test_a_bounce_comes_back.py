"""A mail is relayed with a signed return path, bounces later, and its recipient gets no more."""

from collections.abc import Iterator

import pytest

from tests.journeys.holding import suppressions_held
from tests.journeys.relaying import PATIENCE, ledger_of
from tests.journeys.returning import HOST, Running, refusal_at_rcpt, taking_back
from tests.journeys.victims import kill
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with taking_back() as running:
        yield running
        ledger_of(running.stack)


def test_a_bounce_suppresses_its_recipient_and_is_reported(running: Running) -> None:
    dead = "dead@example.net"
    mail = running.relayed(dead)
    assert mail.mail_from.endswith(f"@{HOST}")
    assert running.bring(mail.mail_from, dead)[0] == 250
    wait_for(lambda: running.came_back(dead), seconds=PATIENCE, what="the bounce to be read")
    assert running.came_back(dead) == [("failed", True, False)]
    assert running.tables.outcomes(dead) == ["relayed", "returned"]
    wait_for(lambda: refusal_at_rcpt(running, dead), seconds=PATIENCE, what="the refusal at RCPT")
    wait_for(
        lambda: running.tables.rows(
            "SELECT 1 FROM smtp_gateway_deliveryreport"
            " WHERE kind = 'failed' AND made_at IS NOT NULL"
            " AND delivery_id = (SELECT id FROM smtp_gateway_delivery WHERE recipient = %s)",
            dead,
        ),
        seconds=PATIENCE,
        what="the report to the sender",
    )
    # Again, and with another address: neither changes anything.
    assert running.bring(mail.mail_from, dead)[0] == 250
    wait_for(lambda: len(running.came_back(dead)) == 2, seconds=PATIENCE)
    assert running.came_back(dead)[1] == ("failed", False, True)
    forged = mail.mail_from.replace("b+", "b+a", 1)
    assert running.bring(forged, dead) == (550, b"5.1.1 No such address here")


@pytest.mark.parametrize("who", ["worker", "gateway"])
def test_killed_between_250_and_its_end_it_counts_once(running: Running, who: str) -> None:
    recipient = f"killed-{who}@example.net"
    mail = running.relayed(recipient)
    with suppressions_held(running.tables) as held:
        assert running.bring(mail.mail_from, recipient)[0] == 250
        statement = held.statement()
        is_back = kill(running.stack, who)
        if who == "worker":
            held.end(statement)
    wait_for(is_back, seconds=PATIENCE, what=f"a new {who}")
    wait_for(lambda: running.came_back(recipient), seconds=PATIENCE, what="the bounce to be read")
    assert running.came_back(recipient) == [("failed", True, False)]
    assert running.tables.outcomes(recipient) == ["relayed", "returned"]
    times = running.tables.rows(
        "SELECT times FROM senders_suppression WHERE target = %s", recipient
    )
    assert times == [(1,)]
