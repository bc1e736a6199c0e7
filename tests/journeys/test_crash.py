"""2,000 submissions to a next hop with faults, while every part is killed in turn: what got a 250
arrives or bounces, and every duplicate is named.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.journeys.faulty_sink import FaultySink, is_refused, running_faulty_sink
from tests.journeys.load import Load
from tests.journeys.relaying import Tables, ledger_of, relaying_stack, tables_of
from tests.journeys.sink import TakenMail
from tests.journeys.stack import Stack, free_ports
from tests.journeys.victims import kill
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

SUBMISSIONS, CONNECTIONS = 2000, 16
# The next hop's, so that a connection finishes hardly more than one mail while another is recorded.
SECONDS_EACH = 0.08
# A record may take half of it before the relay holds back; the one before it may just have begun.
LATE_SECONDS = 0.2
# After so many acknowledged mails the next of them is killed.
KILLS = {
    150: "gateway",
    350: "relay",
    600: "postgres",
    850: "redis",
    1050: "gateway worker",
    1250: "worker",
    1500: "backend",
    1750: "relay",
}
FATES = (
    "SELECT recipient, state, delivery.reason, array_agg(outcome ORDER BY attempt.id)"
    " FROM smtp_gateway_delivery AS delivery"
    " JOIN smtp_gateway_message AS message ON message.id = delivery.message_id"
    " LEFT JOIN smtp_gateway_attempt AS attempt ON delivery_id = delivery.id"
    " WHERE message.origin = 'smtp' GROUP BY delivery.id, recipient, state, delivery.reason"
)


@dataclass(frozen=True)
class Fate:
    """What the mail log says became of one recipient."""

    state: str
    reason: str
    outcomes: list[str]


@dataclass
class Arrivals:
    """What the next hop took: how often for each recipient, and in how many mails too many."""

    by_recipient: Counter[str] = field(default_factory=Counter)
    duplicates: list[TakenMail] = field(default_factory=list)

    def add(self, mail: TakenMail) -> None:
        if any(self.by_recipient[recipient] for recipient in mail.recipients):
            self.duplicates.append(mail)
        self.by_recipient.update(mail.recipients)


@pytest.fixture
def faulty_sink() -> Iterator[FaultySink]:
    with running_faulty_sink(free_ports(1)[0], seconds=SECONDS_EACH) as running:
        yield running


@pytest.fixture
def loaded(faulty_sink: FaultySink) -> Iterator[Stack]:
    with relaying_stack(
        faulty_sink, RELAY_CONNECTIONS=str(CONNECTIONS), GATEWAY_PROCESSES="1"
    ) as stack:
        yield stack


def test_nothing_acknowledged_is_lost_and_every_duplicate_is_named(
    faulty_sink: FaultySink, loaded: Stack, record_property: Callable[[str, Any], None]
) -> None:
    load = Load(loaded.smtp_port, SUBMISSIONS)
    load.run()
    for number, victim in KILLS.items():
        wait_for(lambda n=number: len(load.acknowledged) >= n, seconds=240, what=f"{number} mails")
        is_back = kill(loaded, victim)
        wait_for(is_back, seconds=90, what=f"a new {victim}")
    load.join(240)
    tables = tables_of(loaded)
    tables.empty(seconds=240)

    arrivals = Arrivals()
    for mail in faulty_sink.taken:
        arrivals.add(mail)
    record_property("duplicates", len(arrivals.duplicates))
    record_property("faults", dict(faulty_sink.faults))
    record_property("refused submissions", dict(load.answers))
    fates = fates_in(tables)
    assert len(load.acknowledged) >= SUBMISSIONS
    # 421: its gateway was killed, and its worker heard of it first.
    assert {*load.answers} <= {0, 421, 451}
    assert lost(load, arrivals, fates) == []
    assert unnamed(arrivals, fates) == []
    # On each connection the one that is under way, and what it can finish while a record is late.
    each = 1 + math.ceil(LATE_SECONDS / SECONDS_EACH)
    in_flight = each * CONNECTIONS * [*KILLS.values()].count("relay")
    assert len(arrivals.duplicates) - faulty_sink.faults["hung up after"] <= in_flight
    assert min(faulty_sink.faults.values()) > 0
    record_property("ledger", ledger_of(loaded))


def fates_in(tables: Tables) -> dict[str, Fate]:
    """By recipient, each of which has one mail and one delivery."""
    rows = tables.rows(FATES)
    fates = {recipient: Fate(*facts) for recipient, *facts in rows}
    assert len(fates) == len(rows)
    return fates


def lost(load: Load, arrivals: Arrivals, fates: dict[str, Fate]) -> list[str]:
    """Recipients of acknowledged mails that neither got it nor bounced for a reason."""
    recipients = [each for mail in load.acknowledged for each in mail.recipients]
    return [each for each in recipients if not _has_come_to_something(each, arrivals, fates)]


def _has_come_to_something(recipient: str, arrivals: Arrivals, fates: dict[str, Fate]) -> bool:
    fate = fates[recipient]
    if is_refused(recipient):
        return fate.state == "bounced" and bool(fate.reason)
    return fate.state == "relayed" and arrivals.by_recipient[recipient] > 0


def unnamed(arrivals: Arrivals, fates: dict[str, Fate]) -> list[str]:
    """Recipients that got a mail more often than the mail log says is possible."""
    return [
        recipient
        for recipient, times in arrivals.by_recipient.items()
        if times > 1 + fates[recipient].outcomes.count("uncertain")
    ]
