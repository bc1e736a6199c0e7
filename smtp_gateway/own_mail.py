"""What became of DirectMail's own mail, told to the verification that waits for it."""

from collections.abc import Sequence

from smtp_gateway.queue import Outcome
from verification import services as verification


def report(outcomes: Sequence[Outcome]) -> None:
    """Passes on the outcomes of system mail; others mean nothing to a verification."""
    for outcome in outcomes:
        if outcome.delivery.origin == "system":
            verification.record_mail_problem(
                message_id=outcome.delivery.header_message_id, problem=_problem(outcome)
            )


def _problem(outcome: Outcome) -> str:
    if outcome.name == "relayed":
        return ""
    return f"Waiting: {outcome.reason}" if outcome.name == "deferred" else outcome.reason
