"""What the page of a mail says while it waits for its turn."""

from datetime import UTC, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.mail_life import turns
from smtp_gateway.mail_life.turns import turn_of
from smtp_gateway.models import Delivery, SenderPace
from smtp_gateway.paces import OwnPace, Paces, TypePace
from smtp_gateway.waiting import Turn
from tests.senders.deciding import decide
from tests.smtp_gateway.queued import enqueue

pytestmark = pytest.mark.django_db
NEWS = "news@x.test"


def enqueued(number: int = 1) -> Delivery:
    """The last of so many batch mails."""
    for _ in range(number):
        queue_id = enqueue(mail_type="batch", sender_address=NEWS)
    return Delivery.objects.get(message__queue_id=queue_id)


def set_policy(**values: object) -> None:
    decide("batch", **values)


def test_its_turn_comes_after_all_that_came_before() -> None:
    now = timezone.now()
    set_policy(pace_per_minute=10)
    turn = turn_of(enqueued(11), now)
    assert turn == Turn("paced", now + timedelta(minutes=1))


def test_the_pace_of_the_address_decides_where_it_has_its_own() -> None:
    now = timezone.now()
    last = enqueued(3)
    queue.set_own_paces({NEWS: OwnPace("batch", 1)}, {})
    SenderPace.objects.update(next_slot_at=now + timedelta(seconds=30))
    assert turn_of(last, now) == Turn("paced", now + timedelta(seconds=150))


def test_of_a_halted_address_nobody_knows_when() -> None:
    queue.set_own_paces({NEWS: OwnPace("batch", 0)}, {})
    assert turn_of(enqueued(), timezone.now()) == Turn("halted")


def test_while_the_window_is_closed_it_waits_until_it_opens() -> None:
    now = timezone.now().astimezone(UTC).replace(hour=23, minute=0, second=0, microsecond=0)
    set_policy(window_opens=time(8), window_closes=time(20), window_time_zone="UTC")
    delivery = enqueued()
    Delivery.objects.update(next_attempt_at=now)
    delivery.refresh_from_db()
    assert turn_of(delivery, now) == Turn("window-closed", now + timedelta(hours=9))


def test_with_very_much_before_it_the_earliest_time_is_said(monkeypatch) -> None:
    monkeypatch.setattr(turns, "MOST_COUNTED", 3)
    now = timezone.now()
    set_policy(pace_per_minute=60)
    assert turn_of(enqueued(5), now) == Turn("paced", now + timedelta(seconds=3), is_earliest=True)


def test_what_has_its_slot_has_a_time_and_no_turn() -> None:
    delivery = enqueued()
    queue.give_slots(Paces({"batch": TypePace(60)}), unpaced=0)
    delivery.refresh_from_db()
    assert turn_of(delivery, timezone.now()) is None


def test_the_page_says_what_it_waits_for_and_until_about_when(console: Client) -> None:
    set_policy(pace_per_minute=1)
    delivery = enqueued(61)
    page = console.get(f"/mail-log/{delivery.message.queue_id}/").text
    assert "It waits for its turn in the pace of its sender address." in page
    assert "Waits for its pace" in page
    assert "About" in page


def test_the_list_says_so_without_counting(console: Client) -> None:
    set_policy(pace_per_minute=1)
    enqueued()
    page = console.get("/mail-log/").text
    assert "It waits for its turn in the pace of its sender address." in page
