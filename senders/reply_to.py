"""What a page shows of a reply-to address: its state at one moment. Pure but for reading rows."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from senders.models import ReplyToOnSmtp, SenderAddress
from verification.models import State


@dataclass(frozen=True, slots=True)
class ReplyToState:
    """The state of one address's reply-to; `state` is empty where there is no reply-to."""

    sender_pk: int
    mailbox: str
    state: str
    valid_until: datetime | None
    seconds_left: int
    problem: str
    again_at: datetime | None
    """When the mail can be asked for again; None: at once."""
    has_link: bool
    """Whether the newest mail's link still counts, unless it has expired."""

    @property
    def is_verified(self) -> bool:
        return self.state == State.VERIFIED

    @property
    def can_move(self) -> bool:
        """Whether it may change without the operator doing anything: a link is out there."""
        return self.seconds_left > 0 and not self.is_verified

    @property
    def countdown(self) -> str:
        """Minutes and seconds that the link is still valid: `9:58`."""
        return f"{self.seconds_left // 60}:{self.seconds_left % 60:02}"

    def minutes_until_again(self, now: datetime) -> int:
        """Whole minutes until the mail can be asked for again, rounded up."""
        return -(-int((self.again_at - now).total_seconds()) // 60) if self.again_at else 0


def reply_to_state(sender: SenderAddress, now: datetime) -> ReplyToState:
    """The state of `sender`'s reply-to at `now`."""
    proof = sender.reply_to_verification
    has_link = proof is not None and bool(proof.link_id)
    valid_until = proof.valid_until if proof and has_link else None
    return ReplyToState(
        sender_pk=sender.pk,
        mailbox=sender.display_reply_to,
        state=sender.reply_to_state(now) if sender.reply_to_address else "",
        valid_until=valid_until,
        seconds_left=_seconds_between(now, valid_until),
        problem=proof.mail_problem if proof else "",
        again_at=proof.next_request_at(now) if proof else None,
        has_link=has_link,
    )


def _seconds_between(now: datetime, end: datetime | None) -> int:
    return max(0, round((end - now).total_seconds())) if end else 0


def reply_to_choices() -> list[tuple[str, str, str]]:
    """What may become of the Reply-To of submitted mail: value, name, and what it means."""
    means = {
        ReplyToOnSmtp.ORIGINAL: _("It is never touched, whatever it says."),
        ReplyToOnSmtp.ADD: _("Mail that states a Reply-To of its own keeps it."),
        ReplyToOnSmtp.REQUIRE: _("Mail with any other Reply-To is refused with 550 5.7.1."),
    }
    return [(choice.value, str(choice.label), text) for choice, text in means.items()]
