"""What a transcript keeps of a session, what it leaves out, and how much it can hold."""

import sys
from datetime import UTC, datetime

import pytest

from smtp_gateway.submission.transcript import (
    FIRST_LINES,
    LAST_LINES,
    TLS_INSTEAD,
    Transcript,
    snapshot_lines,
)
from tests.smtp_gateway.submission.talking import b64, plain

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
OK = b"250 2.0.0 Ok\r\n"
REFUSED = b"550 5.7.1 No\r\n"


def make_transcript() -> Transcript:
    return Transcript("0123456789abcdef", "192.0.2.1", AT)


def told(transcript: Transcript) -> list[tuple[str, str]]:
    return [(line.speaker, line.words) for line in snapshot_lines(transcript.snapshot())]


def heard(*lines: bytes) -> list[str]:
    """What is kept of lines of the client; one that begins with 334 is an answer between them."""
    transcript = make_transcript()
    for line in lines:
        transcript.answered(line) if line.startswith(b"334") else transcript.said(line)
    return [words for speaker, words in told(transcript) if speaker == "client"]


def test_both_sides_are_kept_in_order() -> None:
    transcript = make_transcript()
    transcript.answered(b"220 mail.example ESMTP\r\n")
    transcript.said(b"EHLO client.example")
    transcript.answered(b"250-mail.example\r\n250 SIZE 1000\r\n")
    transcript.went_over_to_tls("TLSv1.3 AES")
    assert told(transcript) == [
        ("server", "220 mail.example ESMTP"),
        ("client", "EHLO client.example"),
        ("server", "250-mail.example\n250 SIZE 1000"),
        ("event", "TLS is on: TLSv1.3 AES"),
    ]


def test_times_count_from_the_begin() -> None:
    transcript = make_transcript()
    transcript.said(b"NOOP")
    transcript.said(b"NOOP")
    times = [line.milliseconds for line in snapshot_lines(transcript.snapshot())]
    assert times == sorted(times)
    assert 0 <= times[0] < 60_000


def test_of_mail_only_the_size_is_kept() -> None:
    transcript = make_transcript()
    transcript.sent_mail(12345)
    transcript.sent_mail(1)
    assert told(transcript) == [
        ("client", "[12,345 bytes of mail]"),
        ("client", "[1 byte of mail]"),
    ]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"MAIL FROM:<app@shop.example> SIZE=5", "MAIL FROM:<app@shop.example> SIZE=5"),
        (b"mail from:<app@shop.example>", "mail from:<app@shop.example>"),
        (b"RcPt To:<a@b.example>", "RcPt To:<a@b.example>"),
        ("RCPT TO:<jürgen@b.example>".encode(), "RCPT TO:<jürgen@b.example>"),
        (b"RCPT TO:<\xff@b.example>", "RCPT TO:<\ufffd@b.example>"),
        ("EHLO a\u202eb".encode(), "EHLO a\\u202eb"),
        (b"MAIL FROM:<a>\rAUTH PLAIN AGEA", "MAIL [24 bytes]"),
        (b"NOOP\0secret", "[11 bytes that are no command]"),
        (b"VRFY somebody", "VRFY [8 bytes]"),
        (b"GET / HTTP/1.1", "GET [10 bytes]"),
        (b"Authorization: Basic YTpi", "[25 bytes that are no command]"),
        (b"GoodPass12", "[10 bytes that are no command]"),
        (b"\x16\x03\x01\x02", "[4 bytes of a TLS handshake]"),
        (b"", "[0 bytes that are no command]"),
    ],
)
def test_what_is_shown_of_a_line(line: bytes, shown: str) -> None:
    assert heard(line) == [shown]


def test_an_auth_line_shows_its_mechanism() -> None:
    assert heard(f"AUTH PLAIN {plain()}".encode()) == ["AUTH PLAIN [40 bytes]"]
    assert heard(f"auth login {b64('app@shop.example')}".encode()) == ["AUTH LOGIN [24 bytes]"]
    assert heard(b"AUTH") == ["AUTH"]
    assert heard(b"AUTH X-SECRET abc") == ["AUTH [13 bytes]"]
    assert heard(f" AUTH\tPLAIN {plain()}".encode()) == ["AUTH PLAIN [40 bytes]"]
    assert heard(f"AUTHPLAIN {plain()}".encode()) == ["[50 bytes that are no command]"]


def test_answers_to_a_challenge_are_lengths() -> None:
    lines = heard(
        b"AUTH LOGIN", b"334 VXNlcm5hbWU6\r\n", b64("app@shop.example").encode(),
        b"334 UGFzc3dvcmQ6\r\n", b64("GoodPass12").encode(),
    )  # fmt: skip
    assert lines == ["AUTH LOGIN", "[24 bytes]", "[16 bytes]"]
    assert heard(b"AUTH PLAIN", b"334 \r\n", b"*") == ["AUTH PLAIN", "*"]
    assert heard(b"AUTH PLAIN", b"334 \r\n", b"QUIT") == ["AUTH PLAIN", "[4 bytes]"]


def user_name(*lines: bytes) -> tuple[str, bool, bool]:
    transcript = make_transcript()
    for line in lines:
        transcript.answered(line) if line.startswith(b"334") else transcript.said(line)
    snapshot = transcript.snapshot()
    return snapshot.user_name, snapshot.is_user_name_doubtful, snapshot.has_odd_user_name


def test_the_user_name_of_a_log_in_is_known_in_normal_form() -> None:
    assert user_name(f"AUTH PLAIN {plain('App@Shop.example')}".encode()) == (
        "app@shop.example", False, False
    )  # fmt: skip
    asked = (b"AUTH LOGIN", b"334 VXNlcm5hbWU6\r\n", b64("app@bücher.example").encode())
    assert user_name(*asked) == ("app@xn--bcher-kva.example", False, False)


@pytest.mark.parametrize("name", ["app", "", "app@shop", "a@b@shop.example", "x\0y@shop.example"])
def test_what_is_no_address_is_no_user_name(name: str) -> None:
    assert user_name(b"AUTH LOGIN", b"334 \r\n", b64(name).encode()) == ("", False, True)


def test_a_user_name_with_the_password_in_it_is_doubtful() -> None:
    line = f"AUTH PLAIN {plain('GoodPass12@shop.example')}".encode()
    assert user_name(line)[1]
    lines = (b"AUTH LOGIN", b"334 \r\n", b64("GoodPass12@shop.example").encode())
    assert user_name(*lines, b"334 \r\n", b64("GoodPass12").encode())[1]


def test_a_long_line_is_cut_and_says_by_how_much() -> None:
    line = b"RCPT TO:<" + b"a" * 1000 + b">"
    assert heard(line) == [f"{line[:500].decode()} [510 more bytes]"]


def test_the_first_and_the_last_lines_stay() -> None:
    transcript = make_transcript()
    for number in range(1000):
        transcript.said(b"RCPT TO:<%d@b.example>" % number)
    lines = told(transcript)
    assert len(lines) == FIRST_LINES + 1 + LAST_LINES
    assert lines[FIRST_LINES - 1][1] == "RCPT TO:<59@b.example>"
    assert lines[FIRST_LINES] == ("gap", "900")
    assert lines[FIRST_LINES + 1][1] == "RCPT TO:<960@b.example>"
    assert lines[-1][1] == "RCPT TO:<999@b.example>"


def test_refusals_between_stay_with_what_they_answer() -> None:
    transcript = make_transcript()
    for number in range(2000):
        transcript.said(b"RCPT TO:<%d@b.example>" % number)
        transcript.answered(REFUSED if number in (500, 1000) else OK)
    lines = told(transcript)
    assert ("client", "RCPT TO:<500@b.example>") in lines
    assert ("client", "RCPT TO:<1000@b.example>") in lines
    assert lines.count(("server", "550 5.7.1 No")) == 2
    kept = [words for speaker, words in lines if speaker != "gap"]
    left_out = sum(int(words) for speaker, words in lines if speaker == "gap")
    assert len(kept) + left_out == 4000
    assert transcript.refusal_count == 2


@pytest.mark.parametrize("count", [1, 59, 60, 61, 100, 101, 255, 256, 257, 300, 600])
def test_no_line_is_lost_or_told_twice(count: int) -> None:
    transcript = make_transcript()
    for number in range(count):
        transcript.said(b"EHLO %d" % number)
    lines = told(transcript)
    numbers = [int(words[5:]) for speaker, words in lines if speaker == "client"]
    left_out = sum(int(words) for speaker, words in lines if speaker == "gap")
    assert numbers == sorted(set(numbers))
    assert len(numbers) + left_out == transcript.line_count == count


def test_memory_is_bounded_whatever_is_said() -> None:
    transcript = make_transcript()
    for _ in range(5000):
        transcript.said(b"RCPT TO:<" + b"a" * 4000 + b">")
        transcript.answered(REFUSED)
    held = sum(sys.getsizeof(entry[2]) for entry in transcript._lines)
    assert held + sum(sys.getsizeof(entry[2]) for _, entry in transcript._between) < 100_000
    assert len(told(transcript)) < 200


def test_a_tls_handshake_in_the_clear_is_named() -> None:
    transcript = make_transcript()
    transcript.left_unfinished(b"\x16\x03\x01\x02\0\x01")
    assert told(transcript) == [("event", TLS_INSTEAD)]
