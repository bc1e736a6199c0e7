"""A report is a multipart/report (RFC 6522) that mail programs and programs can read."""

import pytest

from smtp_gateway.queue.report_values import LastAttempt
from tests.smtp_gateway.reports.made import (
    ORIGINAL,
    mail,
    notice,
    report,
    report_bytes,
    tried,
)


def test_it_is_from_mail_delivery_and_about_the_mail() -> None:
    made = report(mail(), notice()).mail
    assert made["From"] == "Mail Delivery <directmail@directmail.test>"
    assert made["To"] == "help@example.com"
    assert made["Subject"] == "Not delivered: Your order"
    assert made["Date"] == "Thu, 26 Nov 2026 03:37:52 +0000"
    assert made["Message-ID"] == "<report@directmail.test>"
    assert made["In-Reply-To"] == made["References"] == "<1@example.com>"


def test_nobody_is_to_answer_it() -> None:
    assert report(mail(), notice()).mail["Auto-Submitted"] == "auto-replied"


def test_a_program_reads_what_happened_to_the_recipient() -> None:
    made = report(mail(), notice())
    assert made.about_mail == {
        "reporting-mta": "dns; mail.directmail.test",
        "arrival-date": "Thu, 26 Nov 2026 03:34:52 +0000",
    }
    assert made.only() == {
        "final-recipient": "rfc822; anna@example.org",
        "action": "failed",
        "status": "5.1.1",
        "remote-mta": "dns; mx.example.net",
        "diagnostic-code": "smtp; 550 5.1.1 No such user",
        "last-attempt-date": "Thu, 26 Nov 2026 03:37:52 +0000",
        "final-log-id": "01KB2Q7XG5W9D3MT",
    }


def test_the_parser_of_the_standard_library_finds_the_same_blocks() -> None:
    _, status, _ = report(mail(), notice(), notice(recipient="b@example.org")).mail.iter_parts()
    blocks = status.get_payload()
    assert [block["Final-Recipient"] for block in blocks[1:]] == [  # type: ignore[index]
        "rfc822; anna@example.org",
        "rfc822; b@example.org",
    ]


def test_its_parts_are_named() -> None:
    parts = report(mail(), notice()).mail.iter_parts()
    names = ["Notification", "Delivery report", "Headers of your mail"]
    assert [part["Content-Description"] for part in parts] == names


def test_one_report_tells_of_several_recipients_the_worst_in_its_subject() -> None:
    made = report(
        mail(),
        notice("relayed", "a@x.test", last=tried("250 2.0.0 Ok")),
        notice("delayed", "b@x.test", last=tried("451 4.7.1 Later")),
        notice("failed", "c@x.test"),
    )
    assert [r["action"] for r in made.recipients] == ["relayed", "delayed", "failed"]
    assert [r["status"] for r in made.recipients] == ["2.0.0", "4.7.1", "5.1.1"]
    assert made.mail["Subject"] == "Not delivered: Your order"


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("delayed", "Delayed: Your order"),
        ("relayed", "Relayed: Your order"),
        ("delivered", "Delivered: Your order"),
    ],
)
def test_the_subject_says_what_happened(kind: str, subject: str) -> None:
    assert report(mail(), notice(kind, last=LastAttempt())).mail["Subject"] == subject


def test_a_delay_says_until_when_it_is_tried() -> None:
    made = report(mail(), notice("delayed", last=tried("451 4.7.1 Later"))).only()
    assert made["will-retry-until"] == "Fri, 27 Nov 2026 03:34:52 +0000"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("", "Not delivered: (no subject)"),
        ("Grüße aus Köln", "Not delivered: Grüße aus Köln"),
        ("a\r\nBcc: victim@x.test", "Not delivered: a Bcc: victim@x.test"),
        ("tab\there\x07", "Not delivered: tab here"),
    ],
    ids=["none", "umlauts", "line end", "control characters"],
)
def test_any_subject_of_the_mail_makes_one_subject(subject: str, expected: str) -> None:
    made = report(mail(subject=subject), notice()).mail
    assert made["Subject"] == expected
    assert "Bcc" not in made


def test_a_long_subject_is_cut() -> None:
    made = report(mail(subject="word " * 100), notice()).mail
    assert len(made["Subject"]) < 150


@pytest.mark.parametrize(
    "message_id",
    ["", "not one", "<a b@x>", "<ü@x.test>", "<a@x.test>\r\nBcc: v@x.test", f"<{'x' * 901}>"],
    ids=["none", "no brackets", "blank", "not ascii", "line end", "too long"],
)
def test_what_is_no_message_id_is_not_referred_to(message_id: str) -> None:
    made = report(mail(header_message_id=message_id), notice()).mail
    assert "References" not in made
    assert "In-Reply-To" not in made
    assert "Bcc" not in made


def test_a_long_message_id_stays_as_it_is() -> None:
    about = f"<{'x' * 300}@example.com>"
    made = report_bytes(mail(header_message_id=about), notice())
    assert f"\r\nReferences: {about}\r\n".encode() in made


# What is returned (RFC 3461 section 4.3)


@pytest.mark.parametrize("ret", ["", "HDRS"])
def test_the_headers_come_back_by_default(ret: str) -> None:
    made = report(mail(ret=ret), notice())
    assert made.returned_type == "text/rfc822-headers"
    assert made.returned == ORIGINAL.partition(b"\r\n\r\n")[0] + b"\r\n"


def test_all_of_a_mail_that_failed_comes_back_where_that_was_asked_for() -> None:
    made = report(mail(ret="FULL"), notice())
    assert (made.returned_type, made.returned) == ("message/rfc822", ORIGINAL)


def test_a_mail_over_the_limit_comes_back_with_its_headers() -> None:
    made = report(mail(ret="FULL", is_whole=False), notice())
    assert made.returned_type == "text/rfc822-headers"


@pytest.mark.parametrize("kind", ["delayed", "relayed", "delivered"])
def test_without_a_failure_only_headers_come_back(kind: str) -> None:
    made = report(mail(ret="FULL"), notice(kind, last=LastAttempt()))
    assert made.returned_type == "text/rfc822-headers"


def test_a_mail_that_is_not_kept_any_more_does_not_come_back() -> None:
    made = report(mail(b"", is_whole=False), notice())
    assert (made.returned_type, made.returned) == ("", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nnever ended",
        b"Subject: x\r\n\r\n\xff\xfe raw bytes\r\n\r\n\r\n",
        b"Subject:folded\r\n  oddly\r\n\tand so on\r\n\r\n.\r\n",
        b"no header at all",
        b"",
    ],
    ids=["unclosed", "eight bits", "folded", "no header", "empty"],
)
def test_a_mail_comes_back_byte_for_byte_whatever_it_is(content: bytes) -> None:
    made = report(mail(content, ret="FULL"), notice())
    assert made.returned == content


def test_eight_bit_headers_come_back_quoted() -> None:
    made = report(mail(b"Subject: Gr\xc3\xbc\xc3\x9fe = \xff\r\nX: y\r\n\r\nbody"), notice())
    *_, returned = made.mail.iter_parts()
    assert returned["Content-Transfer-Encoding"] == "quoted-printable"
    assert returned.get_payload(decode=True) == b"Subject: Gr\xc3\xbc\xc3\x9fe = \xff\r\nX: y\r\n"
    assert made.returned.isascii()


# RFC 6533


UTF_8 = "From: app@example.com\r\nTo: jürgen@bücher.example\r\nSubject: Grüße\r\n\r\nHallo.\r\n"


def test_a_mail_that_needs_utf_8_is_reported_in_utf_8() -> None:
    about = mail(UTF_8.encode(), needs_smtputf8=True)
    failed = notice(recipient="jürgen@bücher.example", last=tried("550 5.1.1 Unbekannt: jürgen"))
    made = report(about, failed)
    assert made.mail.get_param("report-type") == "global-delivery-status"
    assert made.only()["final-recipient"] == "utf-8; jürgen@bücher.example"
    assert made.only()["diagnostic-code"] == "smtp; 550 5.1.1 Unbekannt: jürgen"
    assert made.returned_type == "message/global-headers"
    assert made.returned == UTF_8.partition("\r\n\r\n")[0].encode() + b"\r\n"


def test_all_of_such_a_mail_comes_back_as_message_global() -> None:
    made = report(mail(UTF_8.encode(), ret="FULL", needs_smtputf8=True), notice())
    assert (made.returned_type, made.returned) == ("message/global", UTF_8.encode())


def test_the_headers_of_a_report_are_ascii_even_then() -> None:
    made = report_bytes(mail(UTF_8.encode(), needs_smtputf8=True, subject="Grüße"), notice())
    assert made.partition(b"\r\n\r\n")[0].isascii()


def test_a_report_is_ascii_where_nothing_in_it_needs_more() -> None:
    failed = notice(last=tried("550 5.1.1 Kein Postfach für diesen Empfänger"))
    assert report_bytes(mail(), failed).isascii()
