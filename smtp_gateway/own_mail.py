"""What became of DirectMail's own mail, told to the verification that waits for it."""

from collections.abc import Sequence

from smtp_gateway.queue import Outcome
from verification import services as verification
from verification.models import MailState

_STATES = {
    "relayed": MailState.RELAYED,
    "deferred": MailState.DEFERRED,
    "uncertain": MailState.DEFERRED,
    "bounced": MailState.FAILED,
    "expired": MailState.FAILED,
}


def report(outcomes: Sequence[Outcome]) -> None:
    """Passes on the outcomes of system mail; others mean nothing to a verification."""
    for outcome in outcomes:
        if outcome.delivery.origin == "system":
            verification.record_mail_state(
                message_id=outcome.delivery.header_message_id,
                state=_STATES[outcome.name],
                problem="" if outcome.name == "relayed" else outcome.reason,
            )
