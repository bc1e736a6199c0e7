"""What DNS says, as values that know nothing of the library that asked."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class LookUpFailed(Exception):
    """There is no answer for now; the text fits after a colon."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """The records of one name and type; none where there are none."""

    records: tuple[T, ...]
    is_secure: bool = False
    """Validated by a resolver that we believe about DNSSEC; of no records: that there are none."""
    canonical_name: str = ""
    """Where the name's aliases lead."""
    name_exists: bool = True


@dataclass(frozen=True, slots=True)
class Mx:
    """One mail exchanger; an empty name stands for the root."""

    preference: int
    exchange: str


@dataclass(frozen=True, slots=True)
class Tlsa:
    """One TLSA record (RFC 6698 section 2.1)."""

    usage: int
    selector: int
    matching: int
    data: bytes
