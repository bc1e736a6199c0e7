"""Which of several hashes a password has, and how many computations that takes."""

import pytest
from argon2 import PasswordHasher

from smtp_gateway.submission.password_hashes import groups, matching

_cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_dearer = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
SALT = b"16 bytes of salt"
A, B, C = (_cheap.hash(password, salt=SALT) for password in "abc")
DEARER = _dearer.hash("d", salt=SALT)
OTHER_SALT = _cheap.hash("e")
DECOY = _cheap.hash("decoy")


@pytest.mark.parametrize(
    ("living", "ended", "expected"),
    [
        ([], [], [[DECOY]]),
        ([A, B], [], [[A, B]]),
        ([A], [B, C], [[A, B, C]]),
        ([], [B, C], [[B, C]]),
        ([A], [OTHER_SALT], [[A]]),
        ([], [A, OTHER_SALT], [[A]]),
        ([A, DEARER, B], [], [[A, B], [DEARER]]),
        ([OTHER_SALT, A], [B], [[OTHER_SALT], [A, B]]),
    ],
    ids=[
        "nothing", "one salt", "ended too", "only ended", "an ended one that costs",
        "the last ended one", "other parameters", "two salts",
    ],
)  # fmt: skip
def test_as_few_computations_as_can_be(
    living: list[str], ended: list[str], expected: list[list[str]]
) -> None:
    assert groups(living, ended, DECOY) == expected


def test_the_hash_is_found_in_any_group() -> None:
    asked = groups([A, B, DEARER, OTHER_SALT], [C], DECOY)
    found = [matching(password, asked) for password in ("a", "b", "c", "d", "e", "x", "")]
    assert found == [A, B, C, DEARER, OTHER_SALT, "", ""]


def test_it_finds_what_the_library_verifies() -> None:
    for password in ("GoodPass12", "", "pässwörd", "x" * 500):
        stored = PasswordHasher(time_cost=1, memory_cost=64).hash(password)
        assert matching(password, [[stored]]) == stored
        assert matching(password + "x", [[stored]]) == ""


@pytest.mark.parametrize(
    "garbled",
    ["", "$", "no hash", "$argon2id$v=19$m=64,t=1,p=1$!!$!!", "$argon2id$v=19$m=64,t=1,p=1$YQ$YQ"],
)
def test_what_is_no_hash_matches_nothing(garbled: str) -> None:
    assert matching("", [[garbled]]) == ""
    assert matching("a", groups([garbled, A], [], DECOY)) == A
