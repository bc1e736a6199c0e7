"""Recording an outcome makes the report due that the sender is to get, and no other."""

from datetime import timedelta

import pytest
from django.db import DataError, connection, transaction
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.dsn import RecipientDsn
from smtp_gateway.models import Attempt, DeliveryReport
from smtp_gateway.queue import Outcome
from tests.smtp_gateway.queued import enqueue, lease

pytestmark = pytest.mark.django_db

NOTIFY = ["", "NEVER", "FAILURE", "DELAY", "SUCCESS", "SUCCESS,FAILURE", "SUCCESS,FAILURE,DELAY"]


def kinds_after(
    name: str, *, notify: str = "", outcome: object = None, **mail: object
) -> list[str]:
    """The reports that are due after one attempt at one mail."""
    asked = {"a@x.test": RecipientDsn(notify)} if notify else {}
    enqueue("a@x.test", recipient_dsn=asked, **mail)
    relay_id = queue.register_relay(host="here", pid=1)
    (leased,) = lease(relay_id)
    now = timezone.now()
    values = {"at": now, "route": "smarthost", **(outcome or {})}  # type: ignore[dict-item]
    if name in queue.AGAIN:
        values["next_attempt_at"] = now + timedelta(minutes=1)
    done = Outcome(leased, name, **values)  # type: ignore[arg-type]
    assert queue.record(relay_id=relay_id, outcomes=[done]) == {leased.delivery_id}
    reports = DeliveryReport.objects.filter(delivery_id=leased.delivery_id)
    assert all(report.made_at is None and report.queue_id == "" for report in reports)
    return [report.kind for report in reports]


@pytest.mark.parametrize("notify", NOTIFY)
@pytest.mark.parametrize("name", ["bounced", "expired"])
def test_a_failure_is_reported_unless_notify_leaves_it_out(name: str, notify: str) -> None:
    is_wanted = notify == "" or "FAILURE" in notify
    assert kinds_after(name, notify=notify) == ["failed"] * is_wanted


@pytest.mark.parametrize("notify", NOTIFY)
def test_relaying_is_reported_where_success_was_asked_for(notify: str) -> None:
    assert kinds_after("relayed", notify=notify) == ["relayed"] * ("SUCCESS" in notify)


@pytest.mark.parametrize("notify", NOTIFY)
def test_what_the_local_mailbox_keeps_is_delivered(notify: str) -> None:
    kept = {"route": "mailbox", "keep_in_mailbox": True}
    kinds = kinds_after("relayed", notify=notify, outcome=kept)
    assert kinds == ["delivered"] * ("SUCCESS" in notify)


def test_success_is_the_duty_of_a_next_hop_that_offers_dsn() -> None:
    passed_on = {"is_dsn_passed_on": True}
    assert kinds_after("relayed", notify="SUCCESS,FAILURE", outcome=passed_on) == []


def test_a_failure_is_reported_whatever_the_next_hop_offers() -> None:
    assert kinds_after("bounced", outcome={"is_dsn_passed_on": True}) == ["failed"]


@pytest.mark.parametrize("name", ["deferred", "uncertain"])
@pytest.mark.parametrize("notify", NOTIFY)
def test_nothing_is_reported_of_what_goes_on(name: str, notify: str) -> None:
    assert kinds_after(name, notify=notify) == []


@pytest.mark.parametrize("name", ["bounced", "expired", "relayed"])
@pytest.mark.parametrize("mail", [{"mail_from": ""}, {"origin": "system"}], ids=["null", "own"])
def test_nobody_hears_of_reports_and_of_our_own_mail(name: str, mail: dict[str, object]) -> None:
    assert kinds_after(name, notify="SUCCESS,FAILURE", **mail) == []


def test_mail_of_the_console_is_reported_like_any_other() -> None:
    assert kinds_after("bounced", origin="console") == ["failed"]


def test_each_recipient_of_a_batch_has_the_report_that_it_asked_for() -> None:
    enqueue(
        "a@x.test", "b@x.test", "c@x.test",
        recipient_dsn={"b@x.test": RecipientDsn("NEVER"), "c@x.test": RecipientDsn("SUCCESS")},
    )  # fmt: skip
    relay_id = queue.register_relay(host="here", pid=1)
    outcomes = [
        Outcome(d, "relayed" if d.recipient.startswith("c") else "bounced", timezone.now(), "mx")
        for d in lease(relay_id)
    ]
    queue.record(relay_id=relay_id, outcomes=outcomes)
    found = DeliveryReport.objects.order_by("delivery__recipient")
    told = list(found.values_list("delivery__recipient", "kind"))
    assert told == [("a@x.test", "failed"), ("c@x.test", "relayed")]


def test_no_report_is_due_of_what_another_relay_has_meanwhile() -> None:
    enqueue()
    relay_id = queue.register_relay(host="here", pid=1)
    (leased,) = lease(relay_id)
    queue.free_leases_of_dead(silent_for=timedelta(seconds=10), gone=[relay_id])
    lease(queue.register_relay(host="here", pid=2))
    late = Outcome(leased, "bounced", timezone.now(), "smarthost")
    assert queue.record(relay_id=relay_id, outcomes=[late]) == set()
    assert not DeliveryReport.objects.exists()


def test_an_outcome_that_cannot_be_recorded_makes_no_report_due() -> None:
    enqueue()
    relay_id = queue.register_relay(host="here", pid=1)
    (leased,) = lease(relay_id)
    broken = Outcome(leased, "bounced", timezone.now(), "smarthost", reason_code="x" * 41)
    with pytest.raises(DataError), transaction.atomic():
        queue.record(relay_id=relay_id, outcomes=[broken])
    assert not DeliveryReport.objects.exists()
    assert not Attempt.objects.exists()


def test_a_second_failure_of_a_delivery_is_recorded_and_reported_once() -> None:
    assert kinds_after("bounced") == ["failed"]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE smtp_gateway_delivery SET state = 'queued', finished_at = NULL,"
            " next_attempt_at = now()"
        )
    relay_id = queue.register_relay(host="here", pid=1)
    again = [Outcome(d, "bounced", timezone.now(), "smarthost") for d in lease(relay_id)]
    assert len(queue.record(relay_id=relay_id, outcomes=again)) == 1
    assert DeliveryReport.objects.count() == 1
    assert Attempt.objects.count() == 2
