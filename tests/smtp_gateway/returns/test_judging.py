"""A bounce means what the same words mean when a next hop says them at once."""

import pytest

from smtp_gateway.returns.judging import Judged, judge
from smtp_gateway.returns.reading.said import Said


def judged(diagnostic: str, status: str = "") -> Judged:
    return judge(Said("failed", status=status, diagnostic=diagnostic))


def test_the_servers_own_reply_is_found_in_what_is_told_of_it() -> None:
    told = "host mx.example.net[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO)"
    assert judged(told).reply == "550 5.1.1 User unknown (in reply to RCPT TO)"


@pytest.mark.parametrize(
    ("diagnostic", "status", "category", "is_hard"),
    [
        ("550 5.1.1 no such user", "5.1.1", "no-such-mailbox", True),
        ("No such user here", "", "no-such-mailbox", True),
        ("", "5.1.1", "no-such-mailbox", True),
        ("552 5.2.2 over quota", "5.2.2", "mailbox-full", False),
        ("450 4.1.1 unknown for now", "4.1.1", "no-such-mailbox", False),
        ("554 5.7.1 blocked using bl.example", "5.7.1", "our-ip-blocked", False),
    ],
    ids=["reply", "words", "status", "full", "temporary", "our-fault"],
)
def test_only_what_is_the_recipients_fault_for_good_is_hard(
    diagnostic: str, status: str, category: str, is_hard: bool
) -> None:
    found = judged(diagnostic, status)
    assert (found.category, found.is_hard) == (category, is_hard)


def test_a_vague_status_says_less_than_the_words() -> None:
    assert judged("mailbox unavailable", "5.0.0").reply == "550 mailbox unavailable"


def test_a_number_of_another_kind_is_no_code() -> None:
    assert judged("unknown user 10550 at 192.0.2.550", "5.1.1").reply.startswith("550 5.1.1 unkn")
