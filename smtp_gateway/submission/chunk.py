"""The argument of BDAT (RFC 3030 section 2): how many bytes follow, whether they are the last."""

import re
from dataclasses import dataclass

# As RFC 1870 limits a size.
_CHUNK = re.compile(r"([0-9]{1,20})(?: +(LAST))?\Z", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one BDAT announces."""

    size_bytes: int
    is_last: bool


def read_chunk_argument(argument: str) -> Chunk | None:
    """None: it is no chunk, so that nobody knows how many bytes will follow."""
    match = _CHUNK.match(argument)
    return None if match is None else Chunk(int(match[1]), match[2] is not None)
