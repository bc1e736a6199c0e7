"""A recorded sentence is read in the language of the page, with its own facts in it."""

import pytest
from django.utils import translation

from smtp_gateway.recorded.wording import recorded

GREYLISTED = "mx.example.net:25 does not take the mail now: 451 4.7.1 Greylisted"


def in_chinese(text: str) -> str:
    with translation.override("zh-hans"):
        return recorded(text)


def test_in_english_it_stays_as_it_was_recorded() -> None:
    assert recorded(GREYLISTED) == GREYLISTED


def test_a_reply_stays_in_the_words_of_the_server() -> None:
    assert in_chinese(GREYLISTED) == "mx.example.net:25 现在不收这封邮件：451 4.7.1 Greylisted"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "Given up: its lifetime is over. mx:25 closed the connection while answering RCPT.",
            "已放弃：它的有效期已过。mx:25 在应答 RCPT 时关闭了连接。",
        ),
        (
            "mx:25 cannot be reached: no answer within 10 seconds.",
            "无法连接到 mx:25：10 秒内没有应答。",
        ),
        ("The client closed the connection.", "客户端关闭了连接。"),
        ("It waits for its next attempt.", "它在等待下一次尝试。"),
    ],
    ids=["lifetime", "detail", "session", "marked"],
)
def test_sentences_within_it_are_read_likewise(text: str, read: str) -> None:
    assert in_chinese(text) == read


@pytest.mark.parametrize(
    "text", ["", "Whatever an older version wrote.", "100 % %(full)s"], ids=["none", "old", "signs"]
)
def test_what_has_no_form_stays_as_it_is(text: str) -> None:
    assert in_chinese(text) == text
