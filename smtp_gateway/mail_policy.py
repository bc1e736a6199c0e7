"""What the mail path holds mail to, as the console's policies say: frozen values. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

ReplyToChoice = Literal["original", "add", "require"]


@dataclass(frozen=True, slots=True)
class Before:
    """Recipients accepted in the hour and on the day (UTC) of `at` before it."""

    at: datetime
    in_hour: int
    in_day: int


@dataclass(frozen=True, slots=True)
class Quota:
    """Recipients that may be accepted in an hour and a day of UTC; None: as many as come."""

    address_per_hour: int | None = None
    address_per_day: int | None = None
    type_per_hour: int | None = None
    """Of all sender addresses of the mail type together."""
    type_per_day: int | None = None
    before: Before | None = None
    """What the quotas of the address leave out."""


def used_before(at: datetime, decided: Quota, left: Quota, in_hour: int, in_day: int) -> Before:
    """So much of what was accepted that what is `left` beside it stays within `decided`."""
    return Before(
        at,
        _beside(in_hour, decided.address_per_hour, left.address_per_hour),
        _beside(in_day, decided.address_per_day, left.address_per_day),
    )


def _beside(accepted: int, most: int | None, left: int | None) -> int:
    return accepted if most is None else min(accepted, most - (left or 0))


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """What holds for the mail of one sender address."""

    lifetime: timedelta = timedelta(hours=24)
    max_recipients: int | None = None
    """Of one mail, where it is less than what the gateway takes from anybody."""
    takes_lifetime_header: bool = False
    quota: Quota = field(default_factory=Quota)
    reply_to: ReplyToChoice = "original"
    verified_reply_to: str = ""
    """Empty: there is none."""
    halted: str = ""
    """Why nothing is accepted for now, a clause; empty: mail is accepted."""

    @property
    def added_reply_to(self) -> str:
        """What a mail without a Reply-To gets; empty: it stays without one."""
        adds = self.reply_to == "add" and self.verified_reply_to.isascii()
        return self.verified_reply_to if adds else ""
