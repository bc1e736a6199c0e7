"""Actions by hand, while relays lease and record at the same time, each in a thread of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, Message
from smtp_gateway.queue import acting, ledger
from smtp_gateway.queue.sending_again import AgainRules, newest_event, send_again
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.queued import lease, make_submission

pytestmark = pytest.mark.django_db(transaction=True)

BY = "op@example.com"


def together(*works: Callable[[], int]) -> list[int]:
    """What each returns, having begun at the same moment on a connection of its own."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], int]) -> int:
        with closing(connection):
            connection.ensure_connection()
            barrier.wait()
            return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def relay_all() -> int:
    """Leases 20 at a time and records them as relayed, until nothing is due; returns how many."""
    relay_id, count = queue.register_relay(host="here", pid=1), 0
    while leased := lease(relay_id, limit=20):
        now = timezone.now()
        outcomes = [queue.Outcome(delivery, "relayed", now, "smarthost") for delivery in leased]
        count += len(queue.record(relay_id=relay_id, outcomes=outcomes))
    return count


def test_what_is_cancelled_is_not_relayed_and_what_is_relayed_is_not_cancelled() -> None:
    queue.accept([make_submission() for _ in range(2000)])
    ids = list(Delivery.objects.order_by("id").values_list("id", flat=True))

    def cancel(order: int) -> int:
        chunks = [ids[start : start + 50] for start in range(0, len(ids), 50)][::order]
        return sum(acting.cancel(chunk[::order], operator=BY).count for chunk in chunks)

    *relayed, one, other = together(relay_all, relay_all, lambda: cancel(-1), lambda: cancel(-1))
    # One may have passed over rows that another held for a moment.
    relayed.append(relay_all())
    assert sum(relayed) + one + other == 2000
    assert one + other > 0
    total = ledger.count().total
    assert (total.relayed, total.cancelled) == (sum(relayed), one + other)
    assert Attempt.objects.count() == 2000
    assert Attempt.objects.values("delivery").distinct().count() == 2000


def test_a_retry_never_takes_a_delivery_out_of_a_relays_hand() -> None:
    queue.accept([make_submission() for _ in range(500)])
    ids = list(Delivery.objects.values_list("id", flat=True))
    Delivery.objects.filter(pk__in=ids[::2]).update(
        next_attempt_at=timezone.now() + timedelta(hours=1)
    )

    def retry() -> int:
        return sum(acting.retry(ids, operator=BY).count for _ in range(20))

    relayed, first, second = together(relay_all, retry, retry)
    assert first + second == 250
    assert relayed + relay_all() == 500
    assert ledger.count().total.relayed == 500


def test_of_two_who_retry_the_same_one_does_also_where_it_began_later() -> None:
    queue.accept([make_submission() for _ in range(50)])
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    ids = list(Delivery.objects.values_list("id", flat=True))
    began, first_is_done = threading.Event(), threading.Event()

    def retry_in_an_older_transaction() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            began.set()
            assert first_is_done.wait(20)
            return acting.retry(ids, operator=BY).count

    def retry_in_a_newer_one() -> int:
        assert began.wait(20)
        count = acting.retry(ids, operator=BY).count
        first_is_done.set()
        return count

    assert together(retry_in_an_older_transaction, retry_in_a_newer_one) == [0, 50]


def test_of_two_who_release_the_same_one_does() -> None:
    queue.accept([make_submission() for _ in range(300)])
    Delivery.objects.update(state="held", crash_count=3)
    ids = list(Delivery.objects.values_list("id", flat=True))
    counts = together(
        lambda: acting.release(ids, operator=BY).count,
        lambda: acting.release(ids[::-1], operator=BY).count,
        lambda: acting.cancel(ids, operator=BY).count,
    )
    cancelled = Delivery.objects.filter(state="cancelled").count()
    assert cancelled == counts[2]
    assert counts[0] + counts[1] >= 300 - cancelled
    assert Attempt.objects.filter(outcome="released").count() == counts[0] + counts[1] <= 300


def test_a_form_posted_twice_at_once_sends_each_mail_once() -> None:
    for _ in range(20):
        make_mail()
    attempt_all("bounced")
    ids = list(Delivery.objects.values_list("id", flat=True))
    rules = AgainRules(known_event=newest_event())

    def post() -> int:
        return send_again(ids, operator=BY, rules=rules).count

    assert sorted(together(post, post, post)) == [0, 0, 20]
    assert Message.objects.count() == 40
    assert ledger.count().faults == []
