"""The ledger: everything that was accepted is somewhere, at every moment."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import cycle
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Delivery, Message, MessageContent
from smtp_gateway.queue import ledger
from smtp_gateway.queue.ledger import Line
from tests.smtp_gateway.mails import attempt_all, lease_all, make_mail
from tests.smtp_gateway.queued import lease, make_submission
from tests.waiting import wait_for


def make_one_of_each() -> None:
    """Nine recipients, one in each place that the ledger knows."""
    for fate in ("relayed", "bounced", "expired"):
        make_mail()
        attempt_all(fate)
    make_mail()
    attempt_all("relayed", route="mailbox", reason_code="domain-unverified", keep_in_mailbox=True)
    for state in ("cancelled", "held"):
        finished_at = timezone.now() if state == "cancelled" else None
        found = Delivery.objects.filter(message__queue_id=make_mail())
        found.update(state=state, finished_at=finished_at)
    make_mail(mail_type="batch", sender_address="news@example.com")
    lease_all("batch")
    make_mail(recipients=["a@example.org", "b@example.org"])


@pytest.mark.django_db
def test_a_day_is_one_of_the_installations_time_zone() -> None:
    make_mail(accepted_at=datetime(2026, 3, 9, 18, 45, tzinfo=UTC))  # 00:15 in Kolkata
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        assert [line.name for line in ledger.count("day").lines] == ["2026-03-10"]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("ledger", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_an_empty_installation_holds() -> None:
    counted = ledger.count()
    assert counted.total == Line()
    assert counted.faults == []
    assert "it holds" in run("--by", "sender")


@pytest.mark.django_db
def test_every_fate_has_its_column() -> None:
    make_one_of_each()
    counted = ledger.count()
    assert counted.faults == []
    assert counted.total == Line("", 9, 1, 1, 0, 2, 1, 1, 1, 1, 1)
    assert (counted.total.waiting, counted.total.accounted) == (4, 9)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("by", "lines"),
    [
        ("lane", {"batch": 1, "trigger": 8}),
        ("sender", {"app@example.com": 8, "news@example.com": 1}),
        ("day", {"2026-03-09": 2, "2026-03-10": 9}),
    ],
)
def test_it_is_divided_by_lane_sender_and_day(by: ledger.Grouping, lines: dict[str, int]) -> None:
    make_one_of_each()
    Message.objects.update(accepted_at=datetime(2026, 3, 10, 0, 1, tzinfo=UTC))
    if by == "day":
        yesterday = datetime(2026, 3, 9, 23, 59, tzinfo=UTC)
        make_mail(accepted_at=yesterday, recipients=["a@x.example", "b@x.example"])
    counted = ledger.count(by)
    assert {line.name: line.accepted for line in counted.lines} == lines
    assert counted.total.accepted == sum(lines.values())


@pytest.mark.django_db
def test_a_message_that_nobody_is_to_get_is_a_fault() -> None:
    make_one_of_each()
    Delivery.objects.filter(message__queue_id=make_mail()).delete()
    (fault,) = ledger.count().faults
    assert fault == "Messages without a recipient: 1. They will never be relayed."


@pytest.mark.django_db
def test_content_may_go_when_all_is_over_but_not_before() -> None:
    make_mail(recipients=["a@example.org", "b@example.org"])
    attempt_all("relayed")
    MessageContent.objects.all().delete()
    assert ledger.count().faults == []
    make_mail(recipients=["a@example.org", "b@example.org"])
    MessageContent.objects.all().delete()
    assert ledger.count("lane").faults == [
        "Recipients that wait for a mail whose content is gone: 2."
    ]


@pytest.mark.django_db
def test_a_state_that_nobody_counts_breaks_the_sum() -> None:
    with connection.cursor() as cursor:
        for constraint in ("delivery_state", "delivery_finished_once"):
            cursor.execute(f"ALTER TABLE smtp_gateway_delivery DROP CONSTRAINT {constraint}")
    make_mail()
    Delivery.objects.update(state="lost")
    with pytest.raises(CommandError) as error:
        run("--by", "lane")
    expected = "1 recipients of trigger were accepted, 0 are in the sum."
    assert str(error.value) == expected
    assert error.value.returncode == 1


@pytest.mark.django_db
def test_the_command_prints_a_table_and_says_that_it_holds() -> None:
    make_one_of_each()
    head, _, news, total, verdict = run("--by", "sender").splitlines()
    assert head.split()[:3] == ["Sender", "Accepted", "Relayed"]
    assert news.split() == ["news@example.com", "1", "0", "0", "0", "0", "1", "0", "0", "0", "0"]
    assert total.split() == ["All", "9", "1", "1", "0", "2", "1", "1", "1", "1", "1"]
    assert verdict.endswith("it holds.")


@pytest.mark.django_db
def test_json_is_for_programs() -> None:
    make_one_of_each()
    shape = json.loads(run("--json", "--by", "lane"))
    assert (shape["accepted"], shape["waiting"], shape["holds"]) == (9, 4, True)
    assert [line["name"] for line in shape["by_lane"]] == ["batch", "trigger"]
    assert "by_lane" not in json.loads(run("--json"))


def relay_until(stop: threading.Event) -> None:
    """Relays that lease, record five of seven, and die."""
    names = cycle(["relayed", "bounced", "deferred", "uncertain", "expired"])
    with closing(connection):
        while not stop.is_set():
            relay_id = queue.register_relay(host="here", pid=1)
            leased = lease(relay_id, limit=7)
            now = timezone.now()
            outcomes = [
                queue.Outcome(delivery, next(names), now, "smarthost", next_attempt_at=now)
                for delivery in leased[:5]
            ]
            if outcomes:
                queue.record(relay_id=relay_id, outcomes=outcomes)
            queue.free_leases_of_dead(silent_for=timedelta(days=1), gone=[relay_id])


def accept_until(stop: threading.Event) -> None:
    with closing(connection):
        while not stop.is_set():
            queue.accept([make_submission("a@x.test", "b@x.test", "c@x.test")])


@contextmanager
def at_work(*works: Callable[[threading.Event], None]) -> Iterator[None]:
    """Each in a thread; what goes wrong in one is raised at the end."""
    stop = threading.Event()
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(work, stop) for work in works]
        try:
            yield
        finally:
            stop.set()
        for future in futures:
            future.result()


@pytest.mark.django_db(transaction=True)
def test_it_holds_at_every_moment_while_mail_comes_in_and_relays_work_and_die() -> None:
    seen: list[ledger.Ledger] = []

    def enough() -> bool:
        for by in (None, *ledger.GROUPINGS):
            seen.append(ledger.count(by))
            assert seen[-1].faults == []
        total = seen[-1].total
        return len(seen) > 100 and min(total.relayed, total.bounced, total.waiting) > 0

    with at_work(accept_until, relay_until, relay_until):
        wait_for(enough, seconds=60)
    accepted = [counted.total.accepted for counted in seen]
    assert accepted == sorted(accepted)
    assert accepted[-1] > accepted[0]
