"""The rule for SMTP passwords, without a database."""

import pytest

from senders import smtp_password


def test_a_password_that_meets_the_rule_has_no_unmet_condition() -> None:
    assert smtp_password.unmet_conditions("Abcdefgh12X") == []


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Abcdef12X", "Use 10 to 20 characters."),
        ("Abcdefgh12X" + "a" * 10, "Use 10 to 20 characters."),
        ("Abcdefgh12X!", "Use only the letters a-z and A-Z and digits."),
        ("Abcdefgh12Xä", "Use only the letters a-z and A-Z and digits."),
        ("Abcdefgh12X\n", "Use only the letters a-z and A-Z and digits."),
        ("Abcdefghi1X", "Use at least 2 digits."),
        ("abcdefgh12X", "Use at least 2 upper-case letters."),
        ("ABCDEFGH12x", "Use at least 2 lower-case letters."),
    ],
)
def test_a_broken_condition_is_named(password: str, sentence: str) -> None:
    assert smtp_password.unmet_conditions(password) == [sentence]


def test_one_character_repeated_is_named() -> None:
    assert "Use more than one character." in smtp_password.unmet_conditions("aaaaaaaaaaaa")


def test_every_broken_condition_is_named() -> None:
    assert smtp_password.unmet_conditions("?") == [
        "Use 10 to 20 characters.",
        "Use only the letters a-z and A-Z and digits.",
        "Use at least 2 digits.",
        "Use at least 2 upper-case letters.",
        "Use at least 2 lower-case letters.",
        "Use more than one character.",
    ]


def test_digits_of_other_scripts_are_no_digits() -> None:
    assert "Use at least 2 digits." in smtp_password.unmet_conditions("AbcdefghX\u0661\u0662")


def test_generated_passwords_meet_the_rule_and_differ() -> None:
    passwords = {smtp_password.generate() for _ in range(50)}
    assert len(passwords) == 50
    assert not any(smtp_password.unmet_conditions(password) for password in passwords)


def test_a_hash_is_argon2id_and_matches_its_password_only() -> None:
    stored = smtp_password.hash_password("Abcdefgh12X")
    assert stored.startswith("$argon2id$")
    assert smtp_password.matches("Abcdefgh12X", stored)
    assert not smtp_password.matches("Abcdefgh12Y", stored)


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$broken"])
def test_no_password_matches_an_empty_or_broken_hash(stored: str) -> None:
    assert not smtp_password.matches("", stored)
    assert not smtp_password.matches("Abcdefgh12X", stored)
