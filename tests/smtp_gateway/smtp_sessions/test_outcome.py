"""What a dialogue came to."""

import pytest

from smtp_gateway.smtp_sessions.advice import Facts, advise, title_of
from smtp_gateway.smtp_sessions.outcome import Code, outcome
from smtp_gateway.submission.transcript import (
    CLIENT_LEFT,
    MAIL_CUT_OFF,
    TLS_FAILED,
    TLS_INSTEAD,
    snapshot_lines,
)
from tests.smtp_gateway.smtp_sessions.told import make_snapshot
from tests.smtp_gateway.submission.talking import b64, plain

APP = "app@shop.example"
MAIL = f"MAIL FROM:<{APP}>"
REFUSED_LOG_IN = [f"AUTH PLAIN {plain()}", "535 5.7.8 User name or password refused"]
ODD_LOG_IN = [
    *("AUTH LOGIN", "334 VXNlcm5hbWU6", b64("app"), "334 UGFzc3dvcmQ6", b64("GoodPass12")),
    "535 5.7.8 User name or password refused",
]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], Code.NOTHING_SENT),
        (["EHLO x", "250 x", "QUIT", "221 2.0.0 Bye"], Code.NOTHING_SENT),
        (["EHLO x", "250 x", f"!{CLIENT_LEFT}"], Code.NOTHING_SENT),
        (REFUSED_LOG_IN, Code.LOG_IN_REFUSED),
        ([*REFUSED_LOG_IN, MAIL, "530 5.7.0 Authentication required"], Code.LOG_IN_REFUSED),
        ([*REFUSED_LOG_IN, "XYZ", "500 5.5.1 Command not recognized"], Code.LOG_IN_REFUSED),
        (ODD_LOG_IN, Code.USER_NAME_NO_ADDRESS),
        (["AUTH PLAIN x", "501 5.5.2 Cannot decode this: base64"], Code.LOG_IN_BROKEN),
        (["AUTH NTLM", "504 5.5.4 Mechanism not known"], Code.LOG_IN_BROKEN),
        (["AUTH PLAIN x", "538 5.7.11 Encryption required"], Code.TLS_NEEDED),
        ([MAIL, "530 5.7.0 Send STARTTLS first, then log in"], Code.TLS_NEEDED),
        ([MAIL, "530 5.7.0 Authentication required; log in"], Code.LOG_IN_NEEDED),
        ([f"!{TLS_INSTEAD}", "421 4.4.2 Timed out"], Code.TLS_AT_ONCE),
        (["\x16\x03\x01", "500 5.5.2 Syntax error"], Code.TLS_AT_ONCE),
        ([f"!{TLS_FAILED}: UNKNOWN_CA"], Code.TLS_FAILED),
        ([MAIL, "553 5.7.1 Sender refused; send MAIL FROM:<x>"], Code.SENDER_REFUSED),
        (["RCPT TO:<x>", "501 5.1.3 Bad recipient address"], Code.RECIPIENT_REFUSED),
        (["DATA", "550 5.7.1 From header must be x"], Code.MAIL_REFUSED),
        ([MAIL, "552 5.3.4 Message too large"], Code.TOO_LARGE),
        (["DATA", f"!{MAIL_CUT_OFF}, 7 bytes in."], Code.CUT_OFF),
        (["EHLO x", "421 4.4.2 Timed out"], Code.TIMED_OUT),
        (["EHLO x", "421 4.3.2 Service shutting down"], Code.SHUT_DOWN),
        (["EHLO x", "421 4.7.0 Too many errors"], Code.TURNED_AWAY),
        (["DATA", "451 4.3.0 Temporary problem"], Code.TRY_LATER),
        (["GET /", "500 5.5.1 Command not recognized"], Code.NOT_UNDERSTOOD),
        (["EHLO", "599 5.0.0 Whatever"], Code.REFUSED),
    ],
)
def test_what_a_session_came_to(lines: list[str], code: Code) -> None:
    snapshot = make_snapshot(*lines)
    assert outcome(snapshot, snapshot_lines(snapshot)).code is code


def of_sent(*lines: str) -> Code:
    snapshot = make_snapshot(*lines, sender=APP, mail_count=2)
    return outcome(snapshot, snapshot_lines(snapshot)).code


def test_a_connection_kept_after_its_mails_ends_well() -> None:
    assert of_sent("DATA", "250 2.0.0 Ok: queued as X", "421 4.4.2 Timed out") is Code.SENT
    assert of_sent("DATA", "250 2.0.0 Ok: queued as X", "421 4.3.2 Shutting down") is Code.SENT


def test_a_refusal_among_mails_counts() -> None:
    assert of_sent("RCPT TO:<x>", "501 5.1.3 Bad", "421 4.4.2 Bye") is Code.RECIPIENT_REFUSED


def test_a_log_in_that_worked_in_the_end_is_no_refused_one() -> None:
    assert of_sent(*REFUSED_LOG_IN, f"AUTH PLAIN {plain()}", "235 2.7.0 Ok", "QUIT") is Code.SENT


def facts(address: str = APP, user_name: str = "", mail_count: int = 0) -> Facts:
    return Facts(address, user_name, mail_count, smtp_port=587, smtps_port=465)


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.SENT])
def test_every_outcome_has_a_title_and_a_sentence(code: Code) -> None:
    advice = advise(code, facts())
    assert advice.title == title_of(code)
    assert advice.text.endswith(".")
    assert "{" not in advice.text


def test_an_outcome_of_a_newer_gateway_is_shown() -> None:
    assert title_of("from-the-future") == "Refused"


def test_advice_is_about_what_happened() -> None:
    assert advise("log-in-refused", facts()).can_set_password
    assert APP in advise("log-in-refused", facts()).text
    unknown = advise("log-in-refused", facts(address="", user_name="ap@shop.example"))
    assert "There is no sender address ap@shop.example" in unknown.text
    assert not unknown.can_set_password
    assert "port 587" in advise("tls-needed", facts()).text
    assert advise("sent", facts(mail_count=1)).text == "1 mail was accepted."
    assert advise("too-large", facts(mail_count=2)).text.startswith("2 mails were accepted. ")
