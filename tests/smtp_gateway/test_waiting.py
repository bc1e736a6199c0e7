"""Every delivery that waits says why, with a code, and since or until when."""

from datetime import UTC, datetime, timedelta

import pytest

from smtp_gateway.templatetags.waiting import wait_code
from smtp_gateway.waiting import Standing, Wait, wait_of

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("standing", "wait"),
    [
        pytest.param(
            Standing("queued", 0, PAST),
            Wait(
                "first-attempt", "It waits for its first attempt, which is due now.",
                "Due now, since", PAST,
            ),
            id="never-attempted-and-due",
        ),
        pytest.param(
            Standing("queued", 0, FUTURE),
            Wait(
                "turn", "It waits for its turn: the time of its first attempt is set.",
                "Next attempt", FUTURE,
            ),
            id="never-attempted-and-paced",
        ),
        pytest.param(
            Standing("queued", 2, FUTURE, "mailbox-full", "The mailbox is full."),
            Wait("mailbox-full", "The mailbox is full.", "Next attempt", FUTURE),
            id="deferred",
        ),
        pytest.param(
            Standing("queued", 0, FUTURE, "destination-busy", "mx.example.net is busy with us."),
            Wait("destination-busy", "mx.example.net is busy with us.", "Next attempt", FUTURE),
            id="waits-for-its-destination",
        ),
        pytest.param(
            Standing("queued", 1, NOW),
            Wait("deferred", "It waits for its next attempt.", "Due now, since", NOW),
            id="deferred-without-a-reason",
        ),
        pytest.param(
            Standing("leased", 0, PAST, "mailbox-full", "The mailbox is full."),
            Wait(
                "in-hand",
                "A relay has it in hand at this moment, so it cannot be cancelled now.",
                "Was due", PAST,
            ),
            id="in-a-relays-hand",
        ),
        pytest.param(
            Standing("held", 0, PAST, "set-aside", "Three relays died with it in hand."),
            Wait("set-aside", "Three relays died with it in hand."),
            id="set-aside",
        ),
        pytest.param(
            Standing("held", 0, PAST),
            Wait("set-aside", "Nothing happens until somebody releases or cancels it."),
            id="set-aside-without-a-reason",
        ),
    ],
)  # fmt: skip
def test_each_way_to_wait_has_a_code_and_a_sentence_and_a_time_where_it_moves(
    standing: Standing, wait: Wait
) -> None:
    assert wait_of(standing, NOW) == wait


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("destination-busy", "Destination busy"),
        ("destination-elsewhere", "Connections in use"),
        ("destination-held", "Destination left alone"),
        ("relay-full", "Relay full"),
        ("some-new-code", "Some new code"),
    ],
)
def test_a_code_is_shown_in_words(code: str, words: str) -> None:
    assert wait_code(code) == words
