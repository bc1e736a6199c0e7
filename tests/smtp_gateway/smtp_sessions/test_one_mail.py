"""The page of a mail shows what was said about it, and not the mails beside it."""

from smtp_gateway.smtp_sessions.one_mail import about
from smtp_gateway.smtp_sessions.reading import Spoken
from smtp_gateway.submission.transcript import CLIENT, GAP, SERVER

OPENING = [
    Spoken("0.000 s", SERVER, "Server", "220 mail.example.com ESMTP"),
    Spoken("0.001 s", CLIENT, "Client", "EHLO app.example.com"),
]


def transaction(queue_id: str) -> list[Spoken]:
    return [
        Spoken("0.002 s", CLIENT, "Client", f"mail FROM:<{queue_id}@example.com>"),
        Spoken("0.002 s", SERVER, "Server", "250 2.1.0 Sender ok"),
        Spoken("0.003 s", CLIENT, "Client", "DATA"),
        Spoken("0.004 s", CLIENT, "Client", "[651 bytes of mail]"),
        Spoken("0.005 s", SERVER, "Server", f"250 2.0.0 Ok: queued as {queue_id}", False, queue_id),
    ]


def test_the_first_mail_has_the_opening_before_it() -> None:
    spoken = [*OPENING, *transaction("A"), *transaction("B")]
    assert about(spoken, "A") == [*OPENING, *transaction("A")]


def test_mails_before_it_are_counted_and_left_out() -> None:
    gap = Spoken("0.002 s", GAP, "", "40")
    spoken = [*OPENING, *transaction("A"), gap, *transaction("B"), *transaction("C")]
    left_out = Spoken("0.002 s", GAP, "", "50")
    assert about(spoken, "C") == [*OPENING, left_out, *transaction("C")]


def test_a_next_mail_that_was_sent_ahead_is_not_taken_for_it() -> None:
    first, second = transaction("A"), transaction("B")
    spoken = [*OPENING, *first[:4], second[0], first[4], *second[1:]]
    assert about(spoken, "A") == [*OPENING, *first[:4], second[0], first[4]]


def test_all_is_shown_where_the_mail_was_left_out() -> None:
    spoken = [*OPENING, *transaction("A"), Spoken("0.002 s", GAP, "", "40")]
    assert about(spoken, "Z") == spoken
