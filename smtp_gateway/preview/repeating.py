"""Which recipients have had as many mails of the address lately as they may, by the mail log.

The gateway counts in memory; what it accepted is in the mail log by the time it has said so.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from smtp_gateway.gateway_config import submission_config
from smtp_gateway.models import Delivery, DeliveryState, Origin
from smtp_gateway.preview.values import Asked, Line, said
from smtp_gateway.submission import replies
from smtp_gateway.submission.address import Path
from smtp_gateway.submission.recent_recipients import (
    SLICES_OF_WINDOW,
    counted_since,
    counted_until,
)


def repeated_lines(paths: list[Path], asked: Asked) -> Iterator[Line]:
    """One for each recipient that has to wait."""
    config = submission_config()
    most, window = config.max_mails_per_recipient, config.recipient_window
    if not most:
        return
    for path in paths:
        full_until = _full_until(path, asked, most, window)
        if full_until is not None:
            seconds = int(window.total_seconds())
            reply = replies.too_many_to_recipient(most, seconds, full_until, asked.now)
            yield Line(
                "wait",
                _("%(recipient)s had too many mails just now") % {"recipient": path.address},
                code=said(reply),
                advice=_("Applications try it again then; nothing is lost."),
            )


def _full_until(path: Path, asked: Asked, most: int, window: timedelta) -> datetime | None:
    """When the oldest of the last `most` mails counts no more; None: there is room."""
    slice_seconds = window.total_seconds() / SLICES_OF_WINDOW
    since = datetime.fromtimestamp(counted_since(asked.now.timestamp(), slice_seconds), UTC)
    # By the index of recipients, which has nothing of what is being relayed at this moment.
    lately = (
        Delivery.objects.exclude(state=DeliveryState.LEASED)
        .annotate(mailbox=Upper("recipient"))
        .filter(
            mailbox=path.address.upper(),
            message__sender_address=asked.address,
            message__origin=Origin.SMTP,
            message__accepted_at__gte=since,
        )
        .order_by("-id")
        .values_list("message__accepted_at", flat=True)
    )
    oldest = lately[most - 1 : most].first()
    if oldest is None:
        return None
    return datetime.fromtimestamp(counted_until(oldest.timestamp(), slice_seconds), UTC)
