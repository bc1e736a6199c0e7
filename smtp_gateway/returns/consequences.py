"""What follows for a delivery from what came back about it. In the caller's transaction."""

from datetime import datetime

from django.contrib.postgres.functions import TransactionNow

from senders.errors import InvalidField
from senders.suppression import Reason
from senders.suppressions.services import suppress
from smtp_gateway import reasons
from smtp_gateway.models import (
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryReport,
    DeliveryState,
    Origin,
    ReportKind,
    ReturnedMail,
)
from smtp_gateway.returns.judging import Judged, judge
from smtp_gateway.returns.reading.said import Said
from smtp_gateway.suppressing.feeding import Failure, note_failure
from verification import services as verification
from verification.models import MailState


def bounced(row: ReturnedMail, said: Said, delivery: Delivery | None) -> None:
    """A next hop had taken it, and it was not delivered."""
    judged = judge(said)
    row.category, row.fault = judged.category, judged.fault
    if delivery is None or row.is_repeat:
        return
    reason = _reason(row.reporting_host, judged.reply)
    _mark(delivery, row, judged, reason)
    message = delivery.message
    if message.origin == Origin.SYSTEM:
        verification.record_mail_state(
            message_id=message.message_id, state=MailState.FAILED, problem=reason
        )
        return
    row.is_counted = judged.is_hard
    if message.mail_from and _wants(delivery, "FAILURE", unless_asked=True):
        _make_due(delivery, ReportKind.FAILED)
    if judged.is_hard or judged.may_pass:
        _note_failure(delivery, judged, at=row.received_at)


def tell_of_success(delivery: Delivery) -> None:
    """A server on the way reports what the sender asked to hear (RFC 3461 section 4.1)."""
    message = delivery.message
    if message.origin != Origin.SYSTEM and message.mail_from and _wants(delivery, "SUCCESS"):
        _make_due(delivery, ReportKind.DELIVERED)


def complained(row: ReturnedMail, delivery: Delivery | None) -> None:
    """Its recipient called it spam."""
    if delivery is None or row.is_repeat or delivery.message.origin == Origin.SYSTEM:
        return
    row.is_counted = True
    _suppress(Reason.COMPLAINT, row, delivery)


def wants_out(row: ReturnedMail, delivery: Delivery | None) -> None:
    """The recipient's provider passes on that no more of it is wanted."""
    if delivery is None or row.is_repeat or delivery.message.origin == Origin.SYSTEM:
        return
    _suppress(Reason.OPT_OUT, row, delivery)


def _mark(delivery: Delivery, row: ReturnedMail, judged: Judged, reason: str) -> None:
    """Relayed it stays, as it was; what became of it later is its reason.

    What is still under way, after an uncertain attempt, has its own end.
    """
    if delivery.state != DeliveryState.RELAYED or delivery.reason_code in reasons.KEPT:
        return
    delivery.reason_code, delivery.reason = reasons.BOUNCED_LATER, reason
    delivery.save(update_fields=["reason_code", "reason"])
    Attempt.objects.create(
        delivery=delivery,
        at=row.received_at,
        outcome=AttemptOutcome.RETURNED,
        next_hop=row.reporting_host,
        reply=judged.reply,
        reason_code=reasons.BOUNCED_LATER,
        reason=reason,
        category=judged.category,
        fault=judged.fault,
    )


def _reason(host: str, reply: str) -> str:
    return f"{host or 'A mail server'} reported later: {reply}"


def _wants(delivery: Delivery, what: str, *, unless_asked: bool = False) -> bool:
    """By NOTIFY; `unless_asked`: also where RCPT said nothing of it."""
    notify = delivery.dsn_notify
    return what in notify.split(",") if notify else unless_asked


def _make_due(delivery: Delivery, kind: ReportKind) -> None:
    # By the database's clock, by which reporters find it.
    due = {"due_at": TransactionNow()}
    DeliveryReport.objects.get_or_create(delivery=delivery, kind=kind, defaults=due)


def _note_failure(delivery: Delivery, judged: Judged, *, at: datetime) -> None:
    message = delivery.message
    note_failure(
        Failure(
            recipient=delivery.recipient,
            sender_address=message.sender_address,
            mail_type=message.mail_type,
            queue_id=message.queue_id,
            category=judged.category,
            reply=judged.reply,
            at=at,
        )
    )


def _suppress(reason: Reason, row: ReturnedMail, delivery: Delivery) -> None:
    message = delivery.message
    try:
        suppress(
            reason=reason,
            recipient_or_domain=delivery.recipient,
            sender_address=message.sender_address,
            mail_type=message.mail_type,
            evidence=f"{row.feedback_type} ({row.reporting_host or row.from_header})"[:1000],
            queue_id=message.queue_id,
            now=row.received_at,
        )
    except InvalidField:
        # An address that no suppression can name gets no mail by any other name either.
        return
