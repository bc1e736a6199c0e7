"""The wait that a reply asks for, and nothing that only looks like one."""

import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtp_gateway.relay.waiting_hint import LONGEST, SHORTEST, waiting_hint

MINUTE = 60
HOUR = 3600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("450 4.7.1 Please try again in 300 seconds", 300),
        ("451 4.7.1 Greylisted, retry after 15 minutes", 15 * MINUTE),
        ("421 4.7.0 Too busy, please try again later in 1 hour", HOUR),
        ("451 Come back in 00:04:53", 4 * MINUTE + 53),
        ("450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted for 60 seconds", 60),
        ("451 4.7.1 Temporarily held, 600 seconds", 600),
        ("451 4.7.1 Wait 10 min, please", 10 * MINUTE),
        ("452 4.7.0 Try again in 1 hour and 5 minutes", HOUR + 5 * MINUTE),
        ("452 4.7.0 Try again in 2 minutes, 30 seconds", 150),
        ("450 Retry in 4m30s", 270),
        ("450 Retry in 1h", HOUR),
        ("450 RETRY IN 20 SECS", 20),
        ("450 Please wait an hour and send it again", HOUR),
        ("450 You must wait at least 5 minutes before trying again", 300),
        ("421 There are 90 seconds remaining", 90),
        ("450 It takes 120 seconds before retrying makes sense", 120),
        ("450 Deferred for 1 day", 24 * HOUR),
        ("450 Resend in a 30-minute window", 30 * MINUTE),
        ("450 Limit is 5 per 10 minutes; retry in 45 seconds", 45),
    ],
)
def test_a_reply_that_names_a_wait_is_heard(text: str, seconds: int) -> None:
    assert waiting_hint(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "450 4.2.0 Greylisted, please come back later",
        "421 4.7.0 No more than 100 mails per 60 minutes, try again later",
        "421 4.7.0 Try later: 20 connections in the last 10 minutes",
        "450 4.7.1 Too many mails within 1 hour",
        "421 Timeout exceeded after 300 seconds",
        "451 4.3.0 Try again later, queue id 5m12x",
        "450 Retry from 192.0.2.10 later",
        "450 Retry: https://mail.example/greylist/5h/x",
        "",
    ],
)
def test_a_limit_or_a_number_is_no_wait(text: str) -> None:
    assert waiting_hint(text) is None


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("450 try again in 0 seconds", SHORTEST),
        ("450 try again in 00:00:00", SHORTEST),
        ("450 try again in 999999 days", LONGEST),
        ("450 try again in 999:59:59", LONGEST),
    ],
)
def test_a_wait_is_neither_nothing_nor_for_ever(text: str, wait: timedelta) -> None:
    assert waiting_hint(text) == wait


@settings(deadline=None)
@given(st.text(max_size=300) | st.from_regex(r"4\d\d .{0,80}(again|in|1|:|s|min| ){0,60}"))
def test_any_text_has_a_wait_within_bounds_or_none(text: str) -> None:
    wait = waiting_hint(text)
    assert wait is None or SHORTEST <= wait <= LONGEST


@pytest.mark.parametrize(
    "piece",
    ["1 ", "1:", "1 s ", "1s, and ", "retry ", "a ", "1 m", "00:00:00", " ", "wait 1 s per "],
)
def test_a_long_text_costs_little(piece: str) -> None:
    text = (piece * 4000)[:4000]
    started = time.process_time()
    for _ in range(20):
        waiting_hint(text)
    assert time.process_time() - started < 1
