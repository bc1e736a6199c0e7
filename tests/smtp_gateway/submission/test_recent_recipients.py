"""Mails of one sender to one recipient are counted by slices of time, over all workers."""

import pytest

from smtp_gateway.submission.recent_recipients import (
    RecentRecipients,
    counted_since,
    counted_until,
)

START = 1_795_000_000.0 - 1_795_000_000.0 % 300
PAIR = ("app@shop.example", "ann@home.example")


def test_workers_count_together():
    recent = RecentRecipients(2)
    one, other = recent.row(0), recent.row(1)
    assert [row.add(*PAIR, START, 3) for row in (one, other, one)] == [None, None, None]
    assert other.add(*PAIR, START, 3) is not None


def test_other_senders_and_recipients_count_for_themselves():
    row = RecentRecipients().row(0)
    assert row.add(*PAIR, START, 1) is None
    assert row.add("other@shop.example", PAIR[1], START, 1) is None
    assert row.add(PAIR[0], "bob@home.example", START, 1) is None
    assert row.add(*PAIR, START, 1) is not None


def test_no_window_of_that_length_has_more_wherever_it_begins():
    row = RecentRecipients(window_seconds=300).row(0)
    late = START + 59.9
    row.add(*PAIR, late, 1)
    assert row.known_full_until(*PAIR, late + 299.9, 1) is not None
    assert row.known_full_until(*PAIR, late + 301, 1) is None


def test_it_says_when_there_is_room_again():
    row = RecentRecipients(window_seconds=300).row(0)
    row.add(*PAIR, START, 2)
    assert row.known_full_until(*PAIR, START, 2) is None
    row.add(*PAIR, START + 130, 2)
    assert row.known_full_until(*PAIR, START + 140, 2) == START + 360
    assert row.add(*PAIR, START + 140, 2) == START + 360
    row.remove(*PAIR, START + 140)
    assert row.known_full_until(*PAIR, START + 140, 1) == START + 480
    assert row.known_full_until(*PAIR, START + 480, 1) is None


@pytest.mark.parametrize("at", [0, 0.1, 59.9, 60, 130], ids=str)
def test_others_can_tell_what_counts_and_until_when(at: float):
    recent = RecentRecipients(window_seconds=300)
    row, slice_seconds = recent.row(0), recent.slice_seconds
    row.add(*PAIR, START + at, 1)
    until = row.known_full_until(*PAIR, START + at, 1)
    assert until == counted_until(START + at, slice_seconds)
    assert counted_since(until - 0.1, slice_seconds) <= START + at
    assert counted_since(until, slice_seconds) > START + at


def test_what_is_not_sent_after_all_does_not_count():
    row = RecentRecipients().row(0)
    row.add(*PAIR, START, 1)
    row.remove(*PAIR, START)
    assert row.known_full_until(*PAIR, START, 1) is None
    assert row.add(*PAIR, START, 1) is None


def test_a_worker_that_slept_for_long_does_not_bring_back_what_is_over():
    recent = RecentRecipients(2, window_seconds=300)
    sleeper, other = recent.row(0), recent.row(1)
    sleeper.add(*PAIR, START, 9)
    later = START + 60 * 6 * 1_000
    assert other.add(*PAIR, later, 1) is None
    other.remove(*PAIR, later)
    assert sleeper.add(*PAIR, later, 1) is None
