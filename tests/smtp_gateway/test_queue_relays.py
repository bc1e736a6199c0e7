"""Relays share the queue: none takes what another holds, and what a dead one held is freed."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, RelayProcess
from tests.smtp_gateway.queued import enqueue, lease, make_submission, states

SILENT = timedelta(seconds=10)


def register(pid: int = 1) -> int:
    return queue.register_relay(host="here", pid=pid)


@pytest.fixture
def other_connection(transactional_db: None) -> Iterator[psycopg.Connection]:
    parameters = connection.get_connection_params()
    wanted = {
        name: parameters[name] for name in ("dbname", "user", "host", "port") if name in parameters
    }
    with psycopg.connect(**wanted) as other:
        yield other


def test_a_relay_passes_over_what_another_is_leasing_now(
    other_connection: psycopg.Connection,
) -> None:
    first, second = enqueue(), enqueue()
    other_connection.execute(
        "SELECT 1 FROM smtp_gateway_delivery d JOIN smtp_gateway_message m ON m.id = d.message_id"
        " WHERE m.queue_id = %s FOR UPDATE OF d",
        [first],
    )
    assert [d.queue_id for d in lease(register())] == [second]


@pytest.mark.django_db(transaction=True)
def test_two_relays_that_lease_at_once_never_get_the_same() -> None:
    queue.accept([make_submission() for _ in range(300)])
    relays = [register(pid) for pid in (1, 2)]
    taken: dict[int, list[int]] = {relay_id: [] for relay_id in relays}
    start = threading.Barrier(2)

    def work(relay_id: int) -> None:
        start.wait()
        while leased := lease(relay_id, limit=20):
            taken[relay_id] += [delivery.delivery_id for delivery in leased]
        connection.close()

    threads = [threading.Thread(target=work, args=[relay_id]) for relay_id in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = (set(ids) for ids in taken.values())
    assert not first & second
    # One may have passed over rows that the other let go of untaken: none is lost, though.
    assert len(first | second) + len(lease(relays[0], limit=300)) == 300


@pytest.mark.django_db
def test_a_living_relay_keeps_what_it_holds() -> None:
    relay_id = register()
    enqueue()
    lease(relay_id)
    assert queue.heartbeat(relay_id=relay_id)
    assert queue.free_leases_of_dead(silent_for=SILENT) == 0
    assert Delivery.objects.get().leased_by == relay_id


@pytest.mark.django_db
def test_what_a_silent_relay_held_is_tried_again_with_a_note_that_it_may_arrive_twice() -> None:
    relay_id, living = register(1), register(2)
    queue_id = enqueue("a@x.test", "b@x.test")
    enqueue("c@x.test")
    lease(relay_id, limit=2)
    lease(living)
    RelayProcess.objects.filter(pk=relay_id).update(
        heartbeat_at=timezone.now() - timedelta(seconds=11)
    )
    assert queue.free_leases_of_dead(silent_for=SILENT) == 2
    assert states(queue_id) == [("a@x.test", "queued"), ("b@x.test", "queued")]
    attempts = Attempt.objects.all()
    assert {(a.outcome, a.reason_code) for a in attempts} == {("uncertain", "relay-stopped")}
    assert "may get it twice" in attempts[0].reason
    assert Delivery.objects.filter(leased_by=living).count() == 1
    assert {d.recipient for d in lease(living)} == {"a@x.test", "b@x.test"}


@pytest.mark.django_db
def test_who_was_not_heard_for_as_long_itself_takes_nobody_for_dead() -> None:
    silent, judge = register(1), register(2)
    enqueue("a@x.test")
    lease(silent)
    heard_at = {silent: 11, judge: 9}
    for relay_id, seconds in heard_at.items():
        RelayProcess.objects.filter(pk=relay_id).update(
            heartbeat_at=timezone.now() - timedelta(seconds=seconds)
        )
    assert queue.free_leases_of_dead(silent_for=SILENT, judge=judge) == 0
    assert queue.heartbeat(relay_id=judge)
    assert queue.free_leases_of_dead(silent_for=SILENT, judge=judge) == 1


@pytest.mark.django_db
def test_without_a_time_only_those_that_are_named_are_taken_for_dead() -> None:
    silent, gone = register(1), register(2)
    enqueue("a@x.test", "b@x.test")
    for relay_id in (silent, gone):
        lease(relay_id, limit=1)
    RelayProcess.objects.update(heartbeat_at=timezone.now() - timedelta(days=1))
    assert queue.free_leases_of_dead(gone=[gone]) == 1
    assert Delivery.objects.filter(leased_by=silent).count() == 1


@pytest.mark.django_db
def test_a_relay_that_was_taken_for_dead_hears_of_it_at_its_next_heartbeat() -> None:
    relay_id = register()
    queue.free_leases_of_dead(silent_for=SILENT, gone=[relay_id])
    assert not queue.heartbeat(relay_id=relay_id)


@pytest.mark.django_db
def test_a_relay_that_was_taken_for_dead_leases_nothing() -> None:
    relay_id = register()
    queue_id = enqueue("a@x.test")
    queue.sign_off(relay_id=relay_id)
    assert lease(relay_id) == []
    assert states(queue_id) == [("a@x.test", "queued")]


@pytest.mark.django_db
def test_leases_of_a_relay_that_nobody_knows_are_freed() -> None:
    relay_id = register()
    enqueue()
    lease(relay_id)
    RelayProcess.objects.all().delete()
    assert queue.free_leases_of_dead(silent_for=SILENT) == 1


@pytest.mark.django_db
def test_a_relay_that_signs_off_is_forgotten() -> None:
    relay_id = register()
    assert [relay.relay_id for relay in queue.relays_on("here")] == [relay_id]
    queue.sign_off(relay_id=relay_id)
    assert queue.relays_on("here") == []


@pytest.mark.django_db
def test_relays_are_found_by_their_host() -> None:
    relay_id = register(pid=77)
    queue.register_relay(host="elsewhere", pid=77)
    (found,) = queue.relays_on("here")
    assert (found.relay_id, found.pid) == (relay_id, 77)


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_is_rolled_back_leaves_the_delivery_in_the_queue() -> None:
    queue_id = enqueue("a@x.test")
    with transaction.atomic():
        assert lease(register())
        transaction.set_rollback(True)
    assert states(queue_id) == [("a@x.test", "queued")]
