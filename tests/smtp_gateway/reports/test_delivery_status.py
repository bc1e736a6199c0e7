"""The fields of a report, one rule a test (RFC 3464 section 2, RFC 3463)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_gateway.queue.report_values import LastAttempt
from smtp_gateway.reports.delivery_status import delivery_status
from smtp_gateway.reports.status import status_code
from tests.smtp_gateway.reports.made import mail, notice, report, tried
from tests.smtp_gateway.reports.parsing import check_fields


def test_the_envelope_id_comes_back_decoded() -> None:
    made = report(mail(envid="order+2B42+3D"), notice())
    assert made.about_mail["original-envelope-id"] == "order+42="


def test_the_original_recipient_comes_back_decoded() -> None:
    made = report(mail(), notice(orcpt="rfc822;sales+2Bnew@example.org"))
    assert made.only()["original-recipient"] == "rfc822; sales+new@example.org"


def test_an_original_recipient_in_utf_8_is_quoted_where_only_ascii_may_stand() -> None:
    asked = notice(orcpt="utf-8;j\\x{FC}rgen@example.org")
    assert report(mail(), asked).only()["original-recipient"] == "utf-8; j\\x{FC}rgen@example.org"
    unquoted = report(mail(needs_smtputf8=True), asked).only()
    assert unquoted["original-recipient"] == "utf-8; jürgen@example.org"


def test_a_recipient_in_utf_8_is_quoted_where_only_ascii_may_stand() -> None:
    made = report(mail(), notice(recipient="jürgen+a@example.org"))
    assert made.only()["final-recipient"] == "utf-8; j\\x{FC}rgen\\x{2B}a@example.org"


def test_blanks_within_an_address_and_an_envelope_id_stay_as_they_are() -> None:
    recipient = f'"{"two  blanks " * 4}"@{"y." * 20}test'
    made = report(mail(envid="a+20+20" * 14), notice(recipient=recipient))
    assert made.only()["final-recipient"] == f"rfc822; {recipient}"
    assert made.about_mail["original-envelope-id"] == "a  " * 14


def test_an_address_is_never_cut() -> None:
    recipient = f"{'x' * 64}@{'y.' * 90}test"
    made = report(mail(), notice(recipient=recipient, orcpt=f"rfc822;{recipient}"))
    assert made.only()["final-recipient"] == f"rfc822; {recipient}"
    assert made.only()["original-recipient"] == f"rfc822; {recipient}"


@pytest.mark.parametrize(
    ("next_hop", "named"),
    [
        ("mx.example.net:25", "dns; mx.example.net"),
        ("mx.example.net", "dns; mx.example.net"),
        ("127.0.0.1:2525", "dns; [127.0.0.1]"),
        ("[2001:db8::1]:25", "dns; [IPv6:2001:db8::1]"),
        ("mx.example.net [192.0.2.1]:25", "dns; mx.example.net"),
        ("[192.0.2.1]:25", "dns; [192.0.2.1]"),
        ("[IPv6:2001:db8::1]", "dns; [IPv6:2001:db8::1]"),
    ],
)
def test_the_next_hop_is_named_as_a_mail_server_is(next_hop: str, named: str) -> None:
    made = report(mail(), notice(last=tried(next_hop=next_hop)))
    assert made.only()["remote-mta"] == named


def test_what_nobody_replied_to_has_our_own_diagnosis_and_no_remote_mta() -> None:
    last = tried("", next_hop="mx.example.net:25")
    made = report(mail(), notice(last=last, reason="mx.example.net:25 cannot be reached.")).only()
    assert made["diagnostic-code"] == "X-DirectMail; mx.example.net:25 cannot be reached."
    assert "remote-mta" not in made


def test_without_an_attempt_no_date_is_made_up() -> None:
    made = report(mail(), notice("delayed", last=LastAttempt())).only()
    assert set(made) == {"final-recipient", "action", "status", "final-log-id", "will-retry-until"}


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("failed", {"reply": "550 5.1.1 No"}, "5.1.1"),
        ("failed", {"reply": "550-5.7.26 No"}, "5.7.26"),
        ("failed", {"reply": "550 No such user 5.1.1"}, "5.0.0"),
        ("failed", {"reply": "550 No", "category": "no-such-mailbox"}, "5.1.1"),
        ("failed", {"reply": "552 No", "category": "mailbox-full"}, "5.2.2"),
        ("failed", {"reply": "551 Moved"}, "5.1.6"),
        ("failed", {"reply": "553 No"}, "5.1.3"),
        ("failed", {"reply": "554 No"}, "5.0.0"),
        ("failed", {"reply": "556 No mail"}, "5.1.10"),
        ("failed", {"reason": "It takes no UTF-8 (5.6.7)."}, "5.6.7"),
        ("failed", {"reason_code": "next-hop-without-smtputf8"}, "5.6.7"),
        ("failed", {"reason_code": "lifetime-over"}, "4.4.7"),
        ("failed", {"reason_code": "lifetime-over", "category": "no-route"}, "4.4.4"),
        ("failed", {"reply": "554 No", "category": "domain-takes-no-mail"}, "5.1.10"),
        ("failed", {"reply": "554 No", "category": "message-too-large"}, "5.3.4"),
        ("failed", {"reason_code": "lifetime-over", "reply": "451 4.2.0 Busy"}, "4.2.0"),
        ("failed", {"reason_code": "lifetime-over", "reply": "450 Busy"}, "4.0.0"),
        ("failed", {"reason_code": "anything-else"}, "5.0.0"),
        ("delayed", {"reply": "451 4.7.1 Later"}, "4.7.1"),
        ("delayed", {"reply": "421 Later"}, "4.3.2"),
        ("delayed", {"reply": "535 5.7.8 Bad log-in"}, "4.7.8"),
        ("delayed", {"reason_code": "next-hop-unreachable"}, "4.4.1"),
        ("delayed", {"reason_code": "next-hop-timeout"}, "4.4.2"),
        ("delayed", {}, "4.0.0"),
        ("relayed", {"reply": "250 2.6.0 Queued"}, "2.6.0"),
        ("relayed", {"reply": "250 Ok"}, "2.0.0"),
        ("delivered", {}, "2.0.0"),
    ],
)
def test_the_status_is_the_next_hops_own_or_a_fitting_one(
    kind: str, fields: dict[str, str], expected: str
) -> None:
    attempt = {name: fields[name] for name in ("reply", "category") if name in fields}
    rest = {name: fields[name] for name in ("reason", "reason_code") if name in fields}
    assert status_code(notice(kind, last=tried(**{"reply": "", **attempt}), **rest)) == expected


def test_a_reply_that_is_not_ascii_keeps_its_ascii() -> None:
    made = report(mail(), notice(last=tried("550 5.1.1 für")))
    assert made.only()["diagnostic-code"] == "smtp; 550 5.1.1 f?r"


printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=2000)


@given(printable, printable, st.booleans(), st.sampled_from(["failed", "delayed", "relayed"]))
def test_whatever_a_next_hop_says_makes_fields_that_can_be_read(
    said: str, reason: str, is_global: bool, kind: str
) -> None:
    told = notice(kind, last=tried(f"550 {said}".strip()), reason=reason)
    mute = notice(kind, last=tried(""), reason=reason)
    about = mail(needs_smtputf8=is_global)
    status = delivery_status(about, [told, mute], reporting_mta="mail.directmail.test")
    check_fields(status.encode(), is_utf_8=is_global)
