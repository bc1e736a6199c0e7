"""What a check says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

State = Literal["ok", "warn", "bad", "unknown"]
WORST_FIRST: tuple[State, ...] = ("bad", "warn", "unknown", "ok")
EXIT_CODES: Mapping[State, int] = {"ok": 0, "warn": 1, "bad": 2, "unknown": 3}
"""Those that monitoring plug-ins have."""

Facts = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Result:
    """`code` names the sentence in `wording`, `facts` what is filled into it."""

    check: str
    state: State
    code: str
    facts: Facts = field(default_factory=dict)
    found_at: datetime | None = None
    """None: at this moment."""

    def to_json(self) -> dict[str, Any]:
        return {"state": self.state, "code": self.code, "facts": dict(self.facts)}


def of_json(check: str, value: Mapping[str, Any], found_at: datetime) -> Result:
    return Result(check, value["state"], value["code"], value["facts"], found_at)


def worst(results: list[Result]) -> State:
    """The state of all together."""
    states = {result.state for result in results}
    return next((state for state in WORST_FIRST if state in states), "ok")
