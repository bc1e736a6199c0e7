"""The reports on a mail, as its page shows them. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from smtp_gateway.models import CaughtMail, Delivery, DeliveryReport, ReportKind

_WORDS = {
    ReportKind.FAILED: _("Failure"),
    ReportKind.DELAYED: _("Delay"),
    ReportKind.RELAYED: _("Success"),
    ReportKind.DELIVERED: _("Success"),
}


@dataclass(frozen=True, slots=True)
class ShownReport:
    """One report on one delivery."""

    kind: str
    """A ReportKind."""
    word: str
    """What it tells, as in "Failure"."""
    made_at: datetime | None
    """None: it is due."""
    queue_id: str
    """The mail that carries it; empty: that is not kept any more, or not where it was."""
    is_kept_here: bool
    to: str
    """Who was told."""


def shown_reports(deliveries: Iterable[Delivery]) -> Mapping[int, Sequence[ShownReport]]:
    """By delivery id, in the order in which they became due."""
    reports = [
        report
        for delivery in deliveries
        for report in sorted(delivery.reports.all(), key=lambda report: (report.due_at, report.pk))
    ]
    readers = _readers(reports)
    shown: dict[int, list[ShownReport]] = {}
    for report in reports:
        # Made without a mail: there was nothing to tell any more.
        if report.made_at is None or report.queue_id:
            shown.setdefault(report.delivery_id, []).append(_shown(report, readers))
    return shown


def _readers(reports: Iterable[DeliveryReport]) -> Mapping[str, str]:
    """By the queue id of a report's mail, where that is still kept, who it went to."""
    mailed = {r.queue_id for r in reports if r.queue_id and not r.is_kept_here}
    kept = {r.queue_id for r in reports if r.queue_id and r.is_kept_here}
    sent = Delivery.objects.filter(message__queue_id__in=mailed)
    # Its page is one of what it says: without that there is none.
    caught = CaughtMail.objects.filter(message__queue_id__in=kept, message__content__isnull=False)
    return {
        **dict(sent.values_list("message__queue_id", "recipient")),
        **dict(caught.values_list("message__queue_id", "recipients")),
    }


def _shown(report: DeliveryReport, readers: Mapping[str, str]) -> ShownReport:
    return ShownReport(
        kind=report.kind,
        word=str(_WORDS[ReportKind(report.kind)]),
        made_at=report.made_at,
        queue_id=report.queue_id if report.queue_id in readers else "",
        is_kept_here=report.is_kept_here,
        to=readers.get(report.queue_id, ""),
    )
