"""Why a delivery waits: a code, a sentence and a time. Pure.

The queue gives a reason to what it defers; the rest follows from where the delivery stands.
"""

from dataclasses import dataclass
from datetime import datetime

from smtp_gateway.marking import translatable

_IN_HAND = translatable("A relay has it in hand at this moment, so it cannot be cancelled now.")
_SET_ASIDE = translatable("Nothing happens until somebody releases or cancels it.")
_NEXT_ATTEMPT = translatable("It waits for its next attempt.")
_FIRST_ATTEMPT = translatable("It waits for its first attempt, which is due now.")
_TURN = translatable("It waits for its turn: the time of its first attempt is set.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a delivery that has not ended."""

    state: str
    """`queued`, `leased` or `held`."""
    attempt_count: int
    next_attempt_at: datetime
    reason_code: str = ""
    reason: str = ""


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
    code, sentence = _why_queued(standing, is_due=is_due)
    return Wait(code, sentence, "Due now, since" if is_due else "Next attempt", at)


def _why_queued(standing: Standing, *, is_due: bool) -> tuple[str, str]:
    if standing.reason:
        return standing.reason_code or "deferred", standing.reason
    if standing.attempt_count:
        return standing.reason_code or "deferred", _NEXT_ATTEMPT
    if is_due:
        return "first-attempt", _FIRST_ATTEMPT
    return "turn", _TURN
