"""The token of an opt-out link: short, readable for ever, and nobody else can make one."""

import re

import pytest

from senders.opting_out.token import BadToken, OptOut, key_from, make_token, read_token

KEY, FORMER, STRANGE = map(key_from, ("the key", "the key before", "somebody else's"))
NEWS = OptOut("news@example.com", "Jane.Doe@example.net")
TOKEN = make_token(NEWS, KEY)


def test_it_names_the_sender_address_and_the_recipient_as_they_were() -> None:
    assert read_token(TOKEN, [KEY]) == NEWS


def test_it_is_made_for_the_address_bar_and_short() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", TOKEN)
    assert len(TOKEN) < 70


def test_it_is_the_same_each_time() -> None:
    assert make_token(NEWS, KEY) == TOKEN


def test_any_former_key_still_reads_it() -> None:
    assert read_token(make_token(NEWS, FORMER), [KEY, FORMER]) == NEWS


def test_a_key_that_counts_no_more_does_not() -> None:
    with pytest.raises(BadToken):
        read_token(make_token(NEWS, STRANGE), [KEY, FORMER])


@pytest.mark.parametrize("place", range(0, len(TOKEN), 3))
def test_a_changed_letter_is_noticed(place: int) -> None:
    other = "A" if TOKEN[place] != "A" else "B"
    with pytest.raises(BadToken):
        read_token(TOKEN[:place] + other + TOKEN[place + 1 :], [KEY])


@pytest.mark.parametrize(
    "text",
    ["", "A", TOKEN[:-1], TOKEN[1:], TOKEN + "A", TOKEN + "=", TOKEN + "\n", TOKEN[:9] + "ü",
     TOKEN[:20] + "." + TOKEN[20:], "A" * 100_000, "\0", "AQ"],
    ids=["empty", "one letter", "cut off", "begun late", "longer", "padded", "line end",
         "letter with dots", "dot in it", "endless", "NUL", "only a version"],
)  # fmt: skip
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read_token(text, [KEY])


def test_two_addresses_cannot_be_shifted_into_each_other() -> None:
    one, other = OptOut("a@b", "c@d"), OptOut("a", "@bc@d")
    assert make_token(one, KEY) != make_token(other, KEY)


def test_a_recipient_with_letters_of_any_script_comes_back() -> None:
    subject = OptOut("news@example.com", "杜甫@例子.example")
    assert read_token(make_token(subject, KEY), [KEY]) == subject


def test_the_longest_addresses_fit() -> None:
    subject = OptOut("s" * 180 + "@example.com", "r" * 256 + "@" + "d" * 63)
    assert read_token(make_token(subject, KEY), [KEY]) == subject
