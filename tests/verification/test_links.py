"""Signed links, without a database."""

import pytest
from django.core import signing
from pytest_django import Settings

from verification.links import BadToken, Token, link_url, make_token, read_token

TOKEN = Token(verification_id=7, link_id="abc")


def test_a_token_comes_back_as_it_was_made() -> None:
    assert read_token(make_token(TOKEN)) == TOKEN


@pytest.mark.parametrize("position", [0, 3, -1])
def test_an_altered_token_is_refused(position: int) -> None:
    letters = list(make_token(TOKEN))
    letters[position] = "A" if letters[position] != "A" else "B"
    with pytest.raises(BadToken):
        read_token("".join(letters))


@pytest.mark.parametrize("text", ["", "x", "a:b:c"])
def test_a_text_that_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read_token(text)


def test_a_cut_off_token_is_refused() -> None:
    with pytest.raises(BadToken):
        read_token(make_token(TOKEN)[:-4])


@pytest.mark.parametrize("content", [7, [7], ["x", "abc"], None, {"a": 1}])
def test_a_signed_token_of_another_shape_is_refused(content: object) -> None:
    with pytest.raises(BadToken):
        read_token(signing.dumps(content, salt="verification.link"))


def test_a_signature_for_another_purpose_is_refused() -> None:
    with pytest.raises(BadToken):
        read_token(signing.dumps([7, "abc"], salt="something.else"))


def test_a_link_outlives_a_change_of_the_key(settings: Settings) -> None:
    old_key, link = settings.SECRET_KEY, make_token(TOKEN)
    settings.SECRET_KEY = "another-key-for-this-test-only-0123456789-abcdefghijkl"
    with pytest.raises(BadToken):
        read_token(link)
    settings.SECRET_KEY_FALLBACKS = [old_key]
    assert read_token(link) == TOKEN


def test_the_link_starts_with_public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://mail.example.com"
    assert link_url(TOKEN).startswith("https://mail.example.com/verify/")
