"""List-Unsubscribe and List-Unsubscribe-Post: what a mail brings, and what is written."""

import pytest

from smtp_gateway.relay.own.list_fields import (
    has_one_click,
    has_precedence,
    list_fields,
    without_list_fields,
)

PAIR = (
    b"List-Unsubscribe: <mailto:leave@example.com>,\r\n <https://example.com/leave/1>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)
REST = b"From: news@example.com\r\nSubject: News\r\n"
BODY = b"\r\nList-Unsubscribe: <https://in.the.body>\r\n"


def test_a_complete_pair_is_recognised() -> None:
    assert has_one_click(REST + PAIR + BODY)


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        b"List-Unsubscribe: <https://example.com/1>\r\n",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        PAIR.replace(b"https:", b"http:"),
        PAIR.replace(b"One-Click", b"Two-Clicks"),
        PAIR + b"List-Unsubscribe: <https://example.com/2>\r\n",
        PAIR + b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        PAIR.replace(b"/leave/1>", b"<a>"),
        PAIR.replace(b"leave/1>", b"<https://" * 27_000),
    ],
    ids=[
        "none",
        "no post",
        "post alone",
        "http",
        "other value",
        "two links",
        "two posts",
        "bracket within",
        "brackets that never close",
    ],
)
def test_anything_less_is_not(fields: bytes) -> None:
    assert not has_one_click(REST + fields + BODY)


def test_both_fields_are_taken_out_with_their_folded_lines_and_nothing_else() -> None:
    mail = b"list-unsubscribe : <https://a>,\r\n\t<https://b>\r\n" + REST + PAIR + BODY
    assert without_list_fields(mail) == REST + BODY


@pytest.mark.parametrize(
    "mail",
    [REST + BODY, b"\r\n" + PAIR, REST, b"X-List-Unsubscribe: x\r\n\r\nx", b""],
    ids=["in the body", "no header", "no body", "name that ends so", "nothing"],
)
def test_a_mail_without_them_stays_byte_for_byte(mail: bytes) -> None:
    assert without_list_fields(mail) == mail


def test_a_mail_that_ends_with_its_header_stays_one() -> None:
    assert without_list_fields(REST + PAIR) == REST


def test_what_is_written_is_what_rfc_8058_shows() -> None:
    assert list_fields("https://example.com/u/1", "mailto:leave@example.com?subject=1") == (
        b"List-Unsubscribe: <https://example.com/u/1>,\r\n"
        b"\t<mailto:leave@example.com?subject=1>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )


def test_without_a_mailbox_the_link_stands_alone() -> None:
    fields = list_fields("https://example.com/u/1")
    assert fields.startswith(b"List-Unsubscribe: <https://example.com/u/1>\r\nList-Unsub")
    assert has_one_click(fields + REST + BODY)


def test_a_link_without_https_promises_no_one_click() -> None:
    assert list_fields("http://example.com/u/1") == (
        b"List-Unsubscribe: <http://example.com/u/1>\r\n"
    )
    assert b"List-Unsubscribe-Post" in list_fields("HTTPS://example.com/u/1")


def test_a_link_that_fits_on_no_line_is_a_fault() -> None:
    with pytest.raises(ValueError, match="longer than a line"):
        list_fields("https://example.com/" + "u" * 1000)


def test_precedence_is_found_in_the_header_alone() -> None:
    assert has_precedence(REST + b"PRECEDENCE: list\r\n" + BODY)
    assert not has_precedence(REST + b"\r\nPrecedence: bulk\r\n")
