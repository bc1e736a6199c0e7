"""A worker's place: when the next one begins, when a silent one is given up, what is kept."""

import os
import signal
from collections.abc import Iterator

import pytest

from smtp_gateway.running import slot as slots
from smtp_gateway.running.channel import Channel, make_channel
from smtp_gateway.running.slot import Slot
from smtp_gateway.running.totals import add_up, nothing, what_stays
from smtp_gateway.submission.metrics import Metrics


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(slots, "time", made)
    return made


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """The supervising process's end of a channel, and the worker's."""
    ours, its = make_channel()
    yield ours, its
    ours.close()
    its.close()


def _work_and_die(slot: Slot, clock: Clock, seconds: float) -> float:
    """How long it is until the next may begin."""
    ours, its = make_channel()
    slot.begin(os.getpid(), ours)
    its.close()
    clock.now += seconds
    slot.end()
    return slot.due_at - clock.now


def test_one_that_dies_at_once_is_replaced_ever_later(clock: Clock) -> None:
    slot = Slot(0, [])
    pauses = [round(_work_and_die(slot, clock, 0.5), 1) for _ in range(9)]
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    assert _work_and_die(slot, clock, 30) == 0
    assert round(_work_and_die(slot, clock, 0.5), 1) == 0.1
    assert slot.replaced == 10


def test_one_that_says_nothing_is_first_not_ready_and_then_stuck(
    clock: Clock, ends: tuple[Channel, Channel]
) -> None:
    slot = Slot(0, [])
    ours, its = ends
    slot.begin(os.getpid(), ours)
    assert slot.state == "starting"
    its.send({"state": "accepting", "cpu_seconds": 1.0, "numbers": nothing()})
    slot.listen()
    assert slot.is_ready
    clock.now += 6
    assert (slot.state, slot.is_ready, slot.is_stuck) == ("silent", False, False)
    clock.now += 55
    assert slot.is_stuck


def test_its_last_words_are_heard_before_it_is_forgotten(
    clock: Clock, ends: tuple[Channel, Channel]
) -> None:
    slot = Slot(0, [])
    ours, its = ends
    slot.begin(os.getpid(), ours)
    metrics = Metrics()
    metrics.replies[250] += 3
    metrics.session_opened("implicit")
    its.send({"state": "draining", "cpu_seconds": 2.5, "numbers": metrics.snapshot()})
    its.close()
    slot.end()
    assert slot.ended["counters"]["replies"] == {"250": 3}
    assert slot.ended["gauges"] == {}
    assert slot.ended_cpu_seconds == 2.5
    assert slot.state == "restarting"


def test_snapshots_add_up() -> None:
    one, other = Metrics(), Metrics()
    one.replies[250] += 1
    other.replies[250] += 2
    other.replies[550] += 1
    for metrics in (one, other):
        metrics.session_opened("none")
        metrics.batch_committed(3)
    total = add_up([one.snapshot(), what_stays(other.snapshot())])
    assert total["counters"]["replies"] == {"250": 3, "550": 1}
    assert total["counters"]["sessions"] == {"none": 2, "implicit": 0}
    assert total["gauges"]["open_sessions"]["none"] == 1
    assert total["histograms"]["batch_mails"][2] == 2
    assert total["histograms"]["batch_mails"][-1] == 6
    assert add_up([]) == nothing()


def test_a_stuck_worker_is_ended_by_force(ends: tuple[Channel, Channel]) -> None:
    pid = os.posix_spawn("/bin/sleep", ["sleep", "60"], os.environ)
    slot = Slot(0, [])
    slot.begin(pid, ends[0])
    assert slot.exit_code() is None
    slot.kill()
    while (code := slot.exit_code()) is None:
        pass
    assert code == -signal.SIGKILL
