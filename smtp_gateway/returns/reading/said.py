"""What a returned mail says: frozen values. Pure."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "failed", "delayed", "delivered", "complaint", "opt-out", "auto-reply", "challenge",
    "feedback", "not-understood",
]  # fmt: skip

MAX_DIAGNOSTIC_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """One reading of one mail. What it does not say is empty."""

    kind: Kind
    read_by: str = ""
    """A standard's name, or that of the rule that knew the form."""
    recipient: str = ""
    """Whom it is about, as it says."""
    reporting_host: str = ""
    status: str = ""
    """RFC 3463, as in 5.1.1."""
    diagnostic: str = ""
    """In its words, one line; begins with a reply code where it quotes a server."""
    feedback_type: str = ""
    subject: str = ""
    from_header: str = ""


NOT_UNDERSTOOD = Said("not-understood")
