"""Recipients that get no mail because of what happened before: what a look-up says about one.

The look-up itself is handed in. It is asked inside RCPT, on the event loop, so it answers from
memory, within microseconds; where memory cannot be certain it answers with a question to wait for.
It raises where it does not know, which the client sees as a 451.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smtp_gateway.identity import Sender

_MOST_QUOTED = 120
_CLAUSES = {
    "complaint": "the recipient complained of mail as spam",
    "opt-out": "the recipient opted out",
    "manual": "somebody suppressed it by hand",
}


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Why a recipient gets no mail."""

    reason: str
    """A short clause for the sender's developer, as in "a mail bounced: no such mailbox"."""
    since: datetime
    is_unknown_mailbox: bool = False
    """The mailbox does not exist, as far as anybody knows."""
    domain: str = ""
    """Where no mail goes to a whole domain: which."""


Question = Coroutine[Any, Any, Suppressed | None]
"""Asks the database; raises where that is away."""
Answer = Suppressed | None | Question
Suppressions = Callable[[Sender, str], Answer]
"""Whether mail of this sender to this address is suppressed; None: it is not."""


def nobody_is_suppressed(sender: Sender, recipient: str) -> Suppressed | None:
    """Where nothing keeps a list."""
    return None


def clause(reason: str, evidence: str, expires_at: datetime | None) -> str:
    """As in "mail to it bounced (550 5.1.1 User unknown)"."""
    if reason == "hard-bounce":
        said = _quotable(evidence)
        return f"mail to it bounced ({said})" if said else "mail to it bounced"
    if reason == "soft":
        until = f"; it can be tried again on {expires_at:%Y-%m-%d}" if expires_at else ""
        return f"mail to it failed on several days{until}"
    return _CLAUSES.get(reason, reason)


def _quotable(evidence: str) -> str:
    """On one line of printable ASCII, not too long for a reply."""
    text = " ".join(evidence.split())
    text = "".join(letter if " " <= letter <= "~" else "?" for letter in text)
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}..."
