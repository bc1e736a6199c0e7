"""What a check found, as values that JSON can hold; `wording` has the words. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["ownership", "dkim", "spf", "return-path", "return-path-spf", "dmarc"]
State = Literal["found", "missing", "wrong", "unknown"]
"""`unknown`: DNS gave no answer."""
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One record: what is wanted beside what is there."""

    kind: Kind
    name: str
    """Its full name, without the last dot."""
    record_type: Literal["TXT", "MX"]
    wanted: str
    found: tuple[str, ...] = ()
    state: State = "missing"
    problem: str = ""
    """A code; empty: nothing is wrong."""
    facts: Facts = field(default_factory=dict)
    """What the words for the problem name."""
    selector: str = ""
    """Of a DKIM record."""

    @property
    def is_found(self) -> bool:
        return self.state == "found"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "Finding":
        return cls(**{**value, "found": tuple(value["found"])})
