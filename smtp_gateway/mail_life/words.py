"""What the mail's page calls things."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smtp_gateway.models import AttemptOutcome, Origin, ReportKind, ShownState

Words = Promise | str

ORIGINS: dict[str, Words] = {
    Origin.SMTP: _("Submitted over SMTP"),
    Origin.CONSOLE: _("Composed in the console"),
    Origin.SYSTEM: _("DirectMail itself"),
}
_ATTEMPT_TITLES: dict[str, Words] = {
    AttemptOutcome.RELAYED: _("Attempt %(number)d: taken by the next hop"),
    ShownState.KEPT: _("Attempt %(number)d: kept here"),
    AttemptOutcome.DEFERRED: _("Attempt %(number)d: not now, to be tried again"),
    AttemptOutcome.BOUNCED: _("Attempt %(number)d: refused for good"),
    AttemptOutcome.EXPIRED: _("Attempt %(number)d: not now, and no time for another"),
    AttemptOutcome.UNCERTAIN: _("Attempt %(number)d: uncertain whether it arrived"),
}
BY_HAND_TITLES: dict[str, Words] = {
    AttemptOutcome.CANCELLED: _("Cancelled"),
    AttemptOutcome.RETRIED: _("Retry asked for"),
    AttemptOutcome.RELEASED: _("Released"),
    AttemptOutcome.SENT_AGAIN: _("Sent again"),
    AttemptOutcome.SET_ASIDE: _("Set aside"),
    AttemptOutcome.RETURNED: _("Bounced later"),
}
_REPORT_TITLES: dict[str, Words] = {
    ReportKind.FAILED: _("The sender was told of the failure"),
    ReportKind.DELAYED: _("The sender was told of the delay"),
    ReportKind.DELIVERED: _("The sender was told of the success"),
    ReportKind.RELAYED: _("The sender was told of the success"),
}
_WAIT_TITLES: dict[str, Words] = {
    ShownState.QUEUED: _("Waiting to be relayed"),
    ShownState.DEFERRED: _("Waiting for the next attempt"),
    ShownState.LEASED: _("In the hand of a relay"),
    ShownState.HELD: _("Set aside until somebody decides"),
}
_END_TITLES: dict[str, tuple[Words, str]] = {
    ShownState.RELAYED: (_("Ended: relayed"), "ok"),
    ShownState.KEPT: (_("Ended: kept in the local mailbox"), "info"),
    ShownState.RETURNED: (_("Ended: relayed, and bounced later"), "bad"),
    ShownState.BOUNCED: (_("Ended: bounced"), "bad"),
    ShownState.EXPIRED: (_("Ended: expired"), "bad"),
    ShownState.CANCELLED: (_("Ended: cancelled"), "muted"),
}
_LOOKS: dict[str, tuple[str, str]] = {
    AttemptOutcome.RELAYED: ("ok", "check"),
    ShownState.KEPT: ("info", "inbox"),
    AttemptOutcome.DEFERRED: ("wait", "hourglass"),
    AttemptOutcome.BOUNCED: ("bad", "circle-x"),
    AttemptOutcome.EXPIRED: ("wait", "hourglass"),
    AttemptOutcome.UNCERTAIN: ("wait", "circle-alert"),
    AttemptOutcome.CANCELLED: ("muted", "circle-minus"),
    AttemptOutcome.RETRIED: ("info", "rotate-cw"),
    AttemptOutcome.RELEASED: ("info", "circle-play"),
    AttemptOutcome.SENT_AGAIN: ("info", "copy-plus"),
    AttemptOutcome.SET_ASIDE: ("wait", "hand"),
    AttemptOutcome.RETURNED: ("bad", "undo-2"),
}


def look_of(outcome: str) -> tuple[str, str]:
    """Kind and icon of a timeline's item."""
    return _LOOKS.get(outcome, ("muted", "info"))


def attempt_title(outcome: str, number: int) -> str:
    """What an attempt came to."""
    title = _ATTEMPT_TITLES.get(outcome)
    return str(title) % {"number": number} if title else outcome


def report_title(kind: str) -> str:
    """What a report told."""
    return str(_REPORT_TITLES.get(kind, kind))


def wait_title(state: str) -> str:
    """Where a delivery stands that has not ended."""
    return str(_WAIT_TITLES.get(state, state))


def end_title(state: str) -> str:
    """How a delivery ended."""
    return str(_END_TITLES[state][0]) if state in _END_TITLES else state


def end_kind(state: str) -> str:
    """Its colour."""
    return _END_TITLES[state][1] if state in _END_TITLES else "muted"
