"""Tokens of return paths: ours in any case of their letters, and nobody else's."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_gateway.return_path.address import opened, return_path, tokens_in
from smtp_gateway.return_path.token import (
    TOKEN_CHARS,
    OpenedToken,
    derive_keys,
    make_token,
    open_token,
)

DAY = date(2026, 3, 10)
KEYS = derive_keys(["the secret of now", "the secret before"])


def make(delivery_id: int = 4711, day: date = DAY, key: bytes = KEYS[0]) -> str:
    return make_token(delivery_id, today=day, key=key)


@given(st.integers(0, 2**48 - 1), st.dates(date(2020, 1, 1), date(2150, 1, 1)))
def test_what_is_made_is_opened_again(delivery_id: int, day: date) -> None:
    token = open_token(make(delivery_id, day), KEYS)
    assert token == OpenedToken(delivery_id, day + timedelta(days=30))


def test_it_counts_for_thirty_days_and_not_one_more() -> None:
    token = open_token(make(), KEYS)
    assert token is not None
    assert not token.is_expired(DAY + timedelta(days=30))
    assert token.is_expired(DAY + timedelta(days=31))


def test_a_server_may_change_the_case_of_its_letters() -> None:
    assert open_token(make().upper(), KEYS) == open_token(make(), KEYS)


def test_no_single_letter_can_be_changed() -> None:
    token = make()
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    changed = [
        token[:at] + letter + token[at + 1 :]
        for at in range(TOKEN_CHARS)
        for letter in letters
        if letter != token[at]
    ]
    assert len(changed) == TOKEN_CHARS * 31
    assert not any(open_token(text, KEYS) for text in changed)


def test_the_former_secret_key_still_opens_what_it_made() -> None:
    assert open_token(make(key=KEYS[1]), KEYS) == OpenedToken(4711, date(2026, 4, 9))


def test_the_secret_key_of_another_installation_opens_nothing() -> None:
    assert open_token(make(), derive_keys(["another secret"])) is None


@pytest.mark.parametrize(
    "text",
    ["", "x", "a" * TOKEN_CHARS, "é" * TOKEN_CHARS, "1" * TOKEN_CHARS, "=" * TOKEN_CHARS],
    ids=["empty", "one", "letters", "not-ascii", "no-base32", "padding"],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert open_token(text, KEYS) is None


def test_an_address_fits_where_rfc_5321_leaves_room_for_it() -> None:
    address = return_path(2**48 - 1, "bounces.example.com", today=DAY, key=KEYS[0])
    local_part, _, host = address.partition("@")
    assert (len(local_part), host) == (31, "bounces.example.com")
    assert opened(local_part.upper(), KEYS) == open_token(local_part[2:], KEYS) is not None


def test_an_address_of_another_form_has_no_token() -> None:
    assert opened(make(), KEYS) is None
    assert opened(f"c+{make()}", KEYS) is None


def test_tokens_are_found_anywhere_in_a_mail_and_each_once() -> None:
    one, other = (return_path(n, "b.example.com", today=DAY, key=KEYS[0]) for n in (1, 2))
    content = f"Return-Path: <{one}>\r\nX: {other.upper()} {one}\r\nb+{'a' * 29}@x.example".encode()
    assert [token.delivery_id for token in tokens_in(content, KEYS)] == [1, 2]
