"""Recipients that get no mail because of what happened before: what a look-up says about one.

The look-up itself is handed in. It is asked inside RCPT, on the event loop, so it answers from
memory, within microseconds; it raises where it does not know, which the client sees as a 451.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from smtp_gateway.identity import Sender


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Why a recipient gets no mail."""

    reason: str
    """A short clause for the sender's developer, as in "a mail bounced: no such mailbox"."""
    since: datetime
    is_unknown_mailbox: bool = False
    """The mailbox does not exist, as far as anybody knows."""


Suppressions = Callable[[Sender, str], Suppressed | None]
"""Whether mail of this sender to this address is suppressed; None: it is not."""


def nobody_is_suppressed(sender: Sender, recipient: str) -> Suppressed | None:
    """Where nothing keeps a list."""
    return None
