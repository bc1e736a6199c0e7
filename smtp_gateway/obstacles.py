"""What can be done to a delivery by hand, and what stands in the way. Pure.

The statements in `queue` decide; this says why, and offers only what has a chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Action = Literal["retry", "cancel", "release", "send-again"]
"""The values of `models.ActionName`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the choice depends on."""

    state: str
    is_due: bool = False
    is_kept: bool = False
    """It stayed here although it was to leave."""
    has_content: bool = True
    is_suspended: bool = False
    """Nothing is sent as its sender address."""


class Obstacle(Enum):
    """Why an action does nothing; `action_words` has the words."""

    IN_HAND = "in-hand"
    ENDED = "ended"
    DUE = "due"
    SET_ASIDE = "set-aside"
    NOT_SET_ASIDE = "not-set-aside"
    WAITS = "waits"
    NO_CONTENT = "no-content"
    SUSPENDED = "suspended"
    NO_WAY_OUT = "no-way-out"


def obstacle(action: Action, facts: Facts, *, leads_out: bool) -> Obstacle | None:
    """What keeps `action` from being done; None: nothing. `leads_out`: whether any route does."""
    is_open = facts.state in ("queued", "leased", "held")
    if action == "send-again" and not is_open:
        return _of_sending(facts, leads_out=leads_out)
    if not is_open:
        return Obstacle.ENDED
    if facts.state == "leased":
        return Obstacle.IN_HAND
    return _of_waiting(action, facts)


def _of_waiting(action: Action, facts: Facts) -> Obstacle | None:
    if action == "release":
        return None if facts.state == "held" else Obstacle.NOT_SET_ASIDE
    if action == "cancel":
        return None
    if facts.state == "held":
        return Obstacle.SET_ASIDE
    if action == "send-again":
        return Obstacle.WAITS
    return Obstacle.DUE if facts.is_due else None


def _of_sending(facts: Facts, *, leads_out: bool) -> Obstacle | None:
    if not facts.has_content:
        return Obstacle.NO_CONTENT
    if facts.is_suspended:
        return Obstacle.SUSPENDED
    return Obstacle.NO_WAY_OUT if facts.is_kept and not leads_out else None


def offered(state: str, *, is_due: bool, has_content: bool) -> Sequence[Action]:
    """The actions that are worth offering for a delivery, the likeliest first."""
    if state == "queued":
        return ("cancel",) if is_due else ("retry", "cancel")
    if state == "held":
        return ("release", "cancel")
    return ("send-again",) if state != "leased" and has_content else ()


def offered_for_list(shown_state: str) -> Sequence[Action]:
    """The actions for all that a list shows, by its state filter; empty: no filter."""
    if not shown_state:
        return ("retry", "cancel", "release", "send-again")
    if shown_state in ("queued", "deferred"):
        return ("retry", "cancel")
    return offered(shown_state, is_due=False, has_content=True)
