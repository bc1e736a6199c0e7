"""Counts that forked processes share, and who is admitted by them."""

import subprocess
import sys
from collections.abc import Callable
from ipaddress import ip_network

import pytest

from smtp_gateway.submission import replies
from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.networks import Place, place_of
from smtp_gateway.submission.shared_counts import SharedCounts

_FORKED = """
import os
from smtp_gateway.submission.shared_counts import SharedCounts

counts = SharedCounts(2)
for worker in (0, 1):
    if not (child := os.fork()):
        row = counts.row(worker)
        for _ in range(worker + 1):
            row.add_connection()
            row.add(b"ip")
        os._exit(0)
    os.waitpid(child, 0)
row = counts.row(0)
print(row.connections, row.count(b"ip"), row.count(b"other"))
counts.forget(1)
print(row.connections, row.count(b"ip"))
"""


@pytest.fixture
def counts() -> SharedCounts:
    return SharedCounts(2)


def _config(**limits: int) -> Config:
    return Config(
        hostname="h", max_message_bytes=1, max_recipients=1, **limits,  # type: ignore[arg-type]
    )  # fmt: skip


def test_forked_workers_count_together_and_a_dead_one_is_forgotten() -> None:
    done = subprocess.run([sys.executable, "-c", _FORKED], capture_output=True, text=True)
    assert (done.stderr, done.stdout) == ("", "3 3 0\n1 1\n")


def test_what_is_removed_counts_no_more(counts: SharedCounts) -> None:
    first, second = counts.row(0), counts.row(1)
    assert [first.add(b"a"), second.add(b"a"), second.add(b"b")] == [1, 2, 1]
    first.remove(b"a")
    assert first.count(b"a") == 1
    for _ in range(3):
        second.remove(b"a")
    assert first.count(b"a") == 0


def test_names_hardly_ever_count_for_each_other(counts: SharedCounts) -> None:
    row = counts.row(0)
    for number in range(5_000):
        row.add(b"%d" % number)
    assert sum(row.count(b"%d" % number) != 1 for number in range(5_000)) < 250
    assert max(row.count(b"%d" % number) for number in range(5_000)) <= 4


def test_there_is_no_row_for_a_worker_too_many(counts: SharedCounts) -> None:
    with pytest.raises(ValueError, match="no worker 2 of 2"):
        counts.row(2)


@pytest.mark.parametrize(
    ("limits", "admit", "refusal"),
    [
        ({"max_connections": 2}, lambda one, config: one.admit(config), "TOO_MANY_CONNECTIONS"),
        (
            {"max_connections_per_ip": 2},
            lambda one, config: one.admit_place(Place("192.0.2.7"), config),
            "TOO_MANY_CONNECTIONS_OF_IP",
        ),
        (
            {"max_connections_per_sender": 2},
            lambda one, config: one.admit_sender("app@shop.example", config),
            "TOO_MANY_CONNECTIONS_OF_SENDER",
        ),
    ],
)
def test_limits_hold_over_all_workers_and_refused_ones_do_not_count(
    counts: SharedCounts,
    limits: dict[str, int],
    admit: Callable[[Admission, Config], replies.Reply | None],
    refusal: str,
) -> None:
    config, workers = _config(**limits), [Admission(counts.row(0)), Admission(counts.row(1))]
    assert [admit(worker, config) for worker in workers] == [None, None]
    for worker in workers:
        assert admit(worker, config) == getattr(replies, refusal)
    counts.forget(1)
    assert admit(workers[1], config) is None


def test_a_place_that_is_not_limited_is_always_admitted(counts: SharedCounts) -> None:
    admission, place = Admission(counts.row(0)), Place("127.0.0.1", is_limited=False)
    for _ in range(3):
        assert admission.admit_place(place, _config(max_connections_per_ip=1)) is None
    admission.leave_place(place)


@pytest.mark.parametrize(
    ("ip", "place"),
    [
        ("192.0.2.7", Place("192.0.2.7")),
        ("2001:db8:1:2:3:4:5:6", Place("2001:db8:1:2::/64")),
        ("2001:db8:1:2:ffff::1", Place("2001:db8:1:2::/64")),
        ("127.0.0.1", Place("127.0.0.1", is_limited=False)),
        ("::1", Place("::/64", is_limited=False)),
    ],
)
def test_ipv6_is_counted_by_its_network_and_loopback_not_at_all(ip: str, place: Place) -> None:
    assert place_of(ip, [ip_network("127.0.0.0/8"), ip_network("::1/128")]) == place
