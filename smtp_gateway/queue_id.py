"""The name of an accepted message: 16 characters that sort by time, as in `01KB2Q7XG5W9D3MT`."""

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_PAIRS = [one + other for one in _ALPHABET for other in _ALPHABET]
_SHIFTS = range(70, -10, -10)
_RANDOM_BITS = 35


def new_queue_id() -> str:
    """45 bits of milliseconds, then 35 random ones; the table's constraint settles the rest."""
    number = (time.time_ns() // 1_000_000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
