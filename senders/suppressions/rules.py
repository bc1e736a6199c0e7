"""How far each reason reaches and how long it holds. Pure; docs/suppression.md says the same."""

from dataclasses import dataclass
from datetime import timedelta

DOUBLINGS = 4
"""A recipient that is soft again and again waits at most so many times twice as long."""


@dataclass(frozen=True, slots=True)
class SuppressionRules:
    """What an installation can set."""

    hard_bounce_time: timedelta | None = None
    """How long a hard bounce holds; None: until it is lifted."""
    complaint_scope: str = "mail_type"
    """`mail_type` or `organisation`."""
    soft_days: int = 3
    """On how many different days mail has to fail softly."""
    soft_window: timedelta = timedelta(days=30)
    """Within which those days lie."""
    soft_time: timedelta = timedelta(days=7)
    """How long the first suppression for soft bounces holds; each later one twice as long."""
    soft_memory: timedelta = timedelta(days=180)
    """For how long an earlier one counts."""

    def soft_time_after(self, earlier: int) -> timedelta:
        """How long it holds where there were `earlier` ones within `soft_memory`."""
        return self.soft_time * (1 << min(earlier, DOUBLINGS))


def default_scope(reason: str, *, sender_address: str, mail_type: str, complaint_scope: str) -> str:
    """Whose mail a reason stops where nobody says so: `address`, `mail_type` or `organisation`.

    A mailbox that does not exist exists for nobody; who opted out did so from one sender; who
    complained of a newsletter still wants to log in.
    """
    if reason in ("hard-bounce", "soft"):
        return "organisation"
    if reason == "complaint":
        return "mail_type" if mail_type and complaint_scope == "mail_type" else "organisation"
    if sender_address:
        return "address"
    return "mail_type" if mail_type else "organisation"


def names_no_mailbox(reason: str, category: str, evidence: str) -> bool:
    """Whether a suppression says that the mailbox does not exist: 5.1.1, not 5.7.1."""
    if reason != "hard-bounce":
        return False
    return category in _NO_MAILBOX if category else "5.1.1" in evidence


_NO_MAILBOX = ("no-such-mailbox", "bad-address", "domain-does-not-exist", "mailbox-moved")
