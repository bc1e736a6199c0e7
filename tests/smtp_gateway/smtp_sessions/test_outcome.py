"""What a dialogue came to."""

import pytest

from senders.smtp_state import SmtpState
from smtp_gateway.identity import Credential, CredentialEnd
from smtp_gateway.smtp_sessions.advice import Facts, advise, title_of
from smtp_gateway.smtp_sessions.outcome import Code, Outcome, outcome
from smtp_gateway.submission import replies
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.transcript import (
    CLIENT_LEFT,
    MAIL_CUT_OFF,
    TLS_FAILED,
    TLS_INSTEAD,
    snapshot_lines,
)
from tests.smtp_gateway.smtp_sessions.told import make_snapshot
from tests.smtp_gateway.submission.talking import b64, plain


def said(reply: Reply) -> str:
    return reply.wire.decode().removesuffix("\r\n")


APP = "app@shop.example"
MAIL = f"MAIL FROM:<{APP}>"
REFUSED = said(replies.AUTH_REFUSED)
REFUSED_LOG_IN = [f"AUTH PLAIN {plain()}", REFUSED]
ODD_LOG_IN = [
    *("AUTH LOGIN", "334 VXNlcm5hbWU6", b64("app"), "334 UGFzc3dvcmQ6", b64("GoodPass12")),
    REFUSED,
]
TIMED_OUT, SHUT_DOWN = said(replies.TIMED_OUT), said(replies.SHUTTING_DOWN)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], Code.NOTHING_SENT),
        (["EHLO x", "250 x", "QUIT", "221 2.0.0 Bye"], Code.NOTHING_SENT),
        (["EHLO x", "250 x", f"!{CLIENT_LEFT}"], Code.NOTHING_SENT),
        (REFUSED_LOG_IN, Code.LOG_IN_REFUSED),
        ([*REFUSED_LOG_IN, MAIL, said(replies.LOG_IN_FIRST)], Code.LOG_IN_REFUSED),
        ([*REFUSED_LOG_IN, "XYZ", said(replies.UNKNOWN_COMMAND)], Code.LOG_IN_REFUSED),
        ([*REFUSED_LOG_IN, said(replies.TOO_MANY_LOG_INS)], Code.LOG_IN_REFUSED),
        ([*REFUSED_LOG_IN, "AUTH PLAIN", said(replies.AUTH_LOCKED_USER)], Code.LOG_IN_LOCKED),
        (["AUTH PLAIN x", said(replies.AUTH_LOCKED_IP)], Code.LOG_IN_LOCKED),
        (["AUTH PLAIN x", said(replies.AUTH_BUSY)], Code.TRY_LATER),
        (ODD_LOG_IN, Code.USER_NAME_NO_ADDRESS),
        (["AUTH PLAIN x", said(replies.AUTH_NOT_BASE64)], Code.LOG_IN_BROKEN),
        (["AUTH NTLM", said(replies.AUTH_UNKNOWN_MECHANISM)], Code.LOG_IN_BROKEN),
        (["AUTH PLAIN x", said(replies.AUTH_NEEDS_TLS)], Code.TLS_NEEDED),
        ([MAIL, said(replies.TLS_FIRST)], Code.TLS_NEEDED),
        ([MAIL, said(replies.LOG_IN_FIRST)], Code.LOG_IN_NEEDED),
        ([f"!{TLS_INSTEAD}", TIMED_OUT], Code.TLS_AT_ONCE),
        (["\x16\x03\x01", said(replies.BAD_SYNTAX)], Code.TLS_AT_ONCE),
        ([f"!{TLS_FAILED}: UNKNOWN_CA"], Code.TLS_FAILED),
        ([MAIL, said(replies.not_your_sender("x"))], Code.SENDER_REFUSED),
        (["RCPT TO:<x>", said(replies.BAD_RECIPIENT_ADDRESS)], Code.RECIPIENT_REFUSED),
        (["RCPT TO:<x>", said(replies.TOO_MANY_RECIPIENTS)], Code.RECIPIENT_REFUSED),
        (["DATA", said(replies.FROM_MISSING)], Code.MAIL_REFUSED),
        ([MAIL, said(replies.too_large(1))], Code.TOO_LARGE),
        (["DATA", f"!{MAIL_CUT_OFF}, 7 bytes in."], Code.CUT_OFF),
        (["EHLO x", TIMED_OUT], Code.TIMED_OUT),
        (["EHLO x", SHUT_DOWN], Code.SHUT_DOWN),
        ([said(replies.TOO_MANY_CONNECTIONS)], Code.TURNED_AWAY),
        (["EHLO x", said(replies.TOO_MANY_ERRORS)], Code.TURNED_AWAY),
        (["DATA", said(replies.TRY_LATER)], Code.TRY_LATER),
        (["DATA", said(replies.NO_ANSWER)], Code.TRY_LATER),
        (["GET /", said(replies.UNKNOWN_COMMAND)], Code.NOT_UNDERSTOOD),
        (["EHLO", "599 5.0.0 Whatever"], Code.REFUSED),
    ],
)
def test_what_a_session_came_to(lines: list[str], code: Code) -> None:
    snapshot = make_snapshot(*lines)
    assert outcome(snapshot, snapshot_lines(snapshot)).code is code


def of_sent(*lines: str) -> Code:
    snapshot = make_snapshot(*lines, sender=APP, mail_count=2)
    return outcome(snapshot, snapshot_lines(snapshot)).code


@pytest.mark.parametrize("end", [TIMED_OUT, SHUT_DOWN, said(replies.TOO_MANY_MAILS)])
def test_a_connection_kept_after_its_mails_ends_well(end: str) -> None:
    assert of_sent("DATA", "250 2.0.0 Ok: queued as X", end) is Code.SENT


def test_a_refusal_among_mails_counts() -> None:
    refusal = said(replies.BAD_RECIPIENT_ADDRESS)
    assert of_sent("RCPT TO:<x>", refusal, TIMED_OUT) is Code.RECIPIENT_REFUSED


def test_a_log_in_that_worked_in_the_end_is_no_refused_one() -> None:
    assert of_sent(*REFUSED_LOG_IN, f"AUTH PLAIN {plain()}", "235 2.7.0 Ok", "QUIT") is Code.SENT


def facts(
    address: str = APP,
    user_name: str = "",
    mail_count: int = 0,
    credential: str = "",
    at_present: SmtpState = "on",
) -> Facts:
    return Facts(
        address, user_name, mail_count, smtp_port=587, smtps_port=465, credential=credential,
        at_present=at_present,
    )  # fmt: skip


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.SENT])
def test_every_outcome_has_a_title_and_a_sentence(code: Code) -> None:
    advice = advise(code, facts())
    assert advice.title == title_of(code)
    assert advice.text.endswith(".")
    assert "{" not in advice.text


def test_an_outcome_of_a_newer_gateway_is_shown() -> None:
    assert title_of("from-the-future") == "Refused"


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("expired", Code.PASSWORD_EXPIRED),
        ("revoked", Code.PASSWORD_REVOKED),
        ("", Code.LOG_IN_REFUSED),
    ],
)
def test_an_ended_password_is_told_from_a_wrong_one(end: CredentialEnd, code: Code) -> None:
    snapshot = make_snapshot(*REFUSED_LOG_IN, credential=Credential(7, "web", "$", end))
    assert outcome(snapshot, snapshot_lines(snapshot)) == Outcome(code, REFUSED)


def test_advice_names_the_password_that_ended() -> None:
    for code in ("password-expired", "password-revoked"):
        advice = advise(code, facts(credential="shop {x}"))
        assert "“shop {x}” was right once" in advice.text
        assert APP in advice.text
        assert advice.remedy == "add-password"


@pytest.mark.parametrize(
    ("at_present", "remedy", "words"),
    [
        ("on", "add-password", "those that work stay as they are"),
        ("off", "set-password", f"SMTP is off for {APP}"),
        ("suspended", "resume", f"{APP} is suspended"),
    ],
)
def test_a_refused_log_in_is_mended_by_what_stops_nobody_else(
    at_present: SmtpState, remedy: str, words: str
) -> None:
    advice = advise("log-in-refused", facts(at_present=at_present))
    assert advice.remedy == remedy
    assert words in advice.text


def test_advice_is_about_what_happened() -> None:
    assert APP in advise("log-in-refused", facts()).text
    unknown = advise("log-in-refused", facts(address="", user_name="ap@shop.example"))
    assert "There is no sender address ap@shop.example" in unknown.text
    assert not unknown.remedy
    unnamed = advise("log-in-refused", facts(address=""))
    assert "The user name is no sender address here" in unnamed.text
    assert "port 587" in advise("tls-needed", facts()).text
    assert advise("sent", facts(mail_count=1)).text == "1 mail was accepted."
    assert advise("too-large", facts(mail_count=2)).text.startswith("2 mails were accepted. ")
