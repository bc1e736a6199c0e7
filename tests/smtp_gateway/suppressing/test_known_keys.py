"""Numbers in memory: found by recipient and scope, changed, and small."""

import random
import struct

from smtp_gateway.suppressing.known_keys import KnownKeys


def key(recipient: int, scope: int) -> int:
    return recipient << 32 | scope


def loaded(*keys: int) -> KnownKeys:
    return KnownKeys([b"".join(struct.pack(">q", each) for each in sorted(keys))])


def test_a_recipient_is_found_for_its_scopes_alone() -> None:
    known = loaded(key(-5, 1), key(-5, 3), key(7, 2))
    assert known.has_any([-5], [3])
    assert known.has_any([9, 7], [1, 2])
    assert not known.has_any([-5], [2])
    assert not known.has_any([7], [1, 3])
    assert not known.has_any([6, 8, -6], [1, 2, 3])


def test_the_ends_of_the_range_are_found() -> None:
    least, most = -(2**31), 2**31 - 1
    known = loaded(key(least, 0), key(most, 2**32 - 1))
    assert known.has_any([least], [0])
    assert known.has_any([most], [2**32 - 1])
    assert not known.has_any([most], [0])


def test_what_comes_and_goes_later_counts() -> None:
    known = loaded(key(1, 1))
    known.change(added=[key(2, 1)], removed=[key(1, 1)])
    assert known.has_any([2], [1])
    assert not known.has_any([1], [1])
    known.change(added=[key(1, 1)], removed=[key(2, 1)])
    assert known.has_any([1], [1])
    assert not known.has_any([2], [1])


def test_a_list_of_nobody_is_empty_until_somebody_comes() -> None:
    known = loaded()
    assert known.is_empty
    known.change(added=[key(1, 1)], removed=[])
    assert not known.is_empty


def test_it_says_what_a_set_would_say() -> None:
    chosen = random.Random(42)
    wanted = {key(chosen.randrange(-300, 300), chosen.randrange(4)) for _ in range(500)}
    known = loaded(*wanted)
    for recipient in range(-301, 301):
        for scope in range(4):
            assert known.has_any([recipient], [scope]) == (key(recipient, scope) in wanted)


def test_a_million_take_eight_megabytes() -> None:
    page = b"".join(struct.pack(">q", number << 20) for number in range(100_000))
    known = KnownKeys([page])
    assert len(known) == 100_000
    assert known._sorted.itemsize * len(known._sorted) == 800_000
