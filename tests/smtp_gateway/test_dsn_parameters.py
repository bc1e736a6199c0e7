"""RET, ENVID, NOTIFY and ORCPT by themselves (RFC 3461, RFC 6533)."""

import pytest

from smtp_gateway import dsn
from smtp_gateway.dsn import MailDsn, RecipientDsn


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({}, MailDsn()),
        ({"SIZE": "10"}, MailDsn()),
        ({"RET": "hdrs"}, MailDsn("HDRS")),
        ({"RET": "FULL", "ENVID": "QQ314159"}, MailDsn("FULL", "QQ314159")),
        ({"ENVID": "order+2042+3Da"}, MailDsn("", "order+2042+3Da")),
        ({"ENVID": "x" * 100}, MailDsn("", "x" * 100)),
    ],
)
def test_what_mail_asks_for(parameters: dict[str, str | None], wanted: MailDsn) -> None:
    assert dsn.read_mail(parameters) == wanted


@pytest.mark.parametrize(
    "parameters",
    [
        *({"RET": value} for value in (None, "", "BODY", "FULL,HDRS", "FULL ")),
        *({"ENVID": value} for value in (None, "", "a=b", "a+b", "a+4", "a+4g", "a+6b", "+0A")),
        *({"ENVID": value} for value in ("+E2", "ü", "x" * 101, "a b", "+7F", "a\n")),
    ],
)
def test_what_mail_cannot_ask_for(parameters: dict[str, str | None]) -> None:
    with pytest.raises(dsn.BadValue):
        dsn.read_mail(parameters)


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({}, RecipientDsn()),
        ({"NOTIFY": "never"}, RecipientDsn("NEVER")),
        ({"NOTIFY": "Delay,FAILURE,success"}, RecipientDsn("SUCCESS,FAILURE,DELAY")),
        ({"NOTIFY": "FAILURE,FAILURE"}, RecipientDsn("FAILURE")),
        ({"ORCPT": "rfc822;Ann+2Bx@home.example"}, RecipientDsn("", "rfc822;Ann+2Bx@home.example")),
        ({"ORCPT": "x400;/C=de/".replace("=", "+3D")}, RecipientDsn("", "x400;/C+3Dde/")),
        ({"ORCPT": r"utf-8;J\x{FC}@b.example"}, RecipientDsn("", r"utf-8;J\x{FC}@b.example")),
        ({"ORCPT": "rfc822;" + "a" * 493}, RecipientDsn("", "rfc822;" + "a" * 493)),
    ],
)
def test_what_rcpt_asks_for(parameters: dict[str, str | None], wanted: RecipientDsn) -> None:
    assert dsn.read_recipient(parameters, is_smtputf8=False) == wanted


def test_an_orcpt_in_utf_8_is_kept_in_ascii() -> None:
    given = {"ORCPT": "utf-8;jürgen@müller.example"}
    read = dsn.read_recipient(given, is_smtputf8=True)
    assert read.orcpt == r"utf-8;j\x{FC}rgen@m\x{FC}ller.example"
    assert dsn.readable_orcpt(read.orcpt) == "jürgen@müller.example"
    with pytest.raises(dsn.BadValue):
        dsn.read_recipient(given, is_smtputf8=False)


@pytest.mark.parametrize(
    "parameters",
    [
        *({"NOTIFY": v} for v in (None, "", "ALWAYS", "NEVER,FAILURE", "FAILURE,", "A,B", ",")),
        *({"ORCPT": v} for v in (None, "", "rfc822", "rfc822;", ";a@b", "r f;a", "rfc822;a b@c")),
        *({"ORCPT": v} for v in ("rfc822;a=b@c", "rfc822;+0D+0A", "rfc822;" + "a" * 494, "(;a")),
        *({"ORCPT": v} for v in (r"utf-8;\x{A}", r"utf-8;\x{0A}", r"utf-8;\x{110000}", "utf-8;")),
        *({"ORCPT": v} for v in (r"utf-8;\x{D800}", r"utf-8;\x", "utf-8;a+b", "utf-8;\u202e")),
    ],
)
def test_what_rcpt_cannot_ask_for(parameters: dict[str, str | None]) -> None:
    with pytest.raises(dsn.BadValue):
        dsn.read_recipient(parameters, is_smtputf8=True)


def test_both_are_readable_for_people() -> None:
    assert dsn.readable_envid("order+2042+3D7") == "order 42=7"
    assert dsn.readable_orcpt("rfc822;Ann+2Bx@home.example") == "Ann+x@home.example"
