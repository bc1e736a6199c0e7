"""What is left to do before a sender address sends mail. Pure but for reading rows."""

from dataclasses import dataclass
from datetime import datetime

from senders.models import SenderAddress
from verification.models import State


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; the template knows its words by `name`."""

    name: str
    is_done: bool
    is_optional: bool = False


def next_steps(sender: SenderAddress, now: datetime, *, has_sent: bool) -> list[Step]:
    """All steps in their order; none where all that is needed is done.

    None for a suspended address either: whatever is set up, nothing is sent until it is resumed.
    """
    if sender.suspended_at is not None:
        return []
    is_proven = bool(sender.reply_to_address) and sender.reply_to_state(now) == State.VERIFIED
    steps = [
        Step("reply_to", is_proven, is_optional=not sender.reply_to_address),
        Step("password", sender.smtp_enabled),
        Step("mail", has_sent),
    ]
    return steps if any(not step.is_done and not step.is_optional for step in steps) else []
