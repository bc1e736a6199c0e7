"""Why a delivery waits: a code, a sentence and a time. Pure.

The queue gives a reason to what it defers; the rest follows from where the delivery stands.
"""

from dataclasses import dataclass
from datetime import datetime

from smtp_gateway.marking import translatable
from smtp_gateway.paces import PACED

_IN_HAND = translatable("A relay has it in hand at this moment, so it cannot be cancelled now.")
_SET_ASIDE = translatable("Nothing happens until somebody releases or cancels it.")
_NEXT_ATTEMPT = translatable("It waits for its next attempt.")
_FIRST_ATTEMPT = translatable("It waits for its first attempt, which is due now.")
_TURN = translatable("It waits for its turn: the time of its first attempt is set.")
_PACE = translatable("It waits for its turn in the pace of its sender address.")
_SLOT = translatable("It has its turn in the pace of its sender address.")
_WINDOW = translatable("It waits for the sending window of its mail type to open.")
_HALTED = translatable("It waits until an admin lets mail of its sender address leave again.")
_TURNS = {"paced": _PACE, "window-closed": _WINDOW, "halted": _HALTED}


@dataclass(frozen=True, slots=True)
class Turn:
    """What mail waits for that has no time yet at which it leaves."""

    code: str = "paced"
    """`paced`, `window-closed` or `halted`."""
    at: datetime | None = None
    """About when it will have its turn; None: nobody has looked."""
    is_earliest: bool = False
    """There is so much before it that nobody counted to the end."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a delivery that has not ended."""

    state: str
    """`queued`, `leased` or `held`."""
    attempt_count: int
    next_attempt_at: datetime
    reason_code: str = ""
    reason: str = ""
    turn: Turn | None = None
    """None: the time of its next attempt is set."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What the console says; `at` is a time that `label` names, as in "Next attempt"."""

    code: str
    sentence: str
    label: str = ""
    at: datetime | None = None
    """None: nothing is going to happen at any time."""


def wait_of(standing: Standing, now: datetime) -> Wait:
    """Why this one waits, and since or until when."""
    at = standing.next_attempt_at
    if standing.state == "leased":
        return Wait("in-hand", _IN_HAND, "Was due", at)
    if standing.state == "held":
        return Wait(standing.reason_code or "set-aside", standing.reason or _SET_ASIDE)
    is_due = at <= now
    if standing.turn and (is_due or not standing.attempt_count):
        return _turn(standing.turn)
    code, sentence = _why_queued(standing, is_due=is_due)
    return Wait(code, sentence, "Due now, since" if is_due else "Next attempt", at)


def _turn(turn: Turn) -> Wait:
    label = "Not before" if turn.is_earliest else "About"
    return Wait(turn.code, _TURNS[turn.code], label if turn.at else "", turn.at)


def _why_queued(standing: Standing, *, is_due: bool) -> tuple[str, str]:
    if standing.reason:
        return standing.reason_code or "deferred", standing.reason
    if standing.attempt_count:
        return standing.reason_code or "deferred", _NEXT_ATTEMPT
    if standing.reason_code == PACED:
        return PACED, _SLOT
    if is_due:
        return "first-attempt", _FIRST_ATTEMPT
    return "turn", _TURN
