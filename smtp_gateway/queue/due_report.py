"""Which report to the sender an outcome makes due (RFC 3461 section 5.2). Pure."""

from typing import Literal

from smtp_gateway.queue.values import Outcome

Kind = Literal["failed", "delayed", "delivered", "relayed"]
"""RFC 3464 section 2.3.3."""

_FAILED = ("bounced", "expired")


def report_kind(outcome: Outcome) -> Kind | Literal[""]:
    """What to tell the sender; empty: nothing."""
    notify = outcome.delivery.recipient_dsn.notify
    if outcome.name == "relayed":
        # First, as it is what nearly all come to.
        return _of_success(outcome) if "SUCCESS" in notify else ""
    is_failure = outcome.name in _FAILED and (not notify or "FAILURE" in notify)
    return "failed" if is_failure and _has_reader(outcome) else ""


def _of_success(outcome: Outcome) -> Kind | Literal[""]:
    if not _has_reader(outcome) or outcome.is_dsn_passed_on:
        return ""
    # Section 5.2.2: where the next hop offers no DSN, "relayed" is all that is known.
    return "delivered" if outcome.keep_in_mailbox else "relayed"


def _has_reader(outcome: Outcome) -> bool:
    """Never of a report, which has the null sender (RFC 5321 section 4.5.5), nor to ourselves."""
    return bool(outcome.delivery.mail_from) and outcome.delivery.origin != "system"
