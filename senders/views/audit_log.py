"""The Audit Log page: who changed what, when and from where."""

from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_safe

from senders.audit.listing import COLUMNS, fetch, listing_for
from senders.audit.shown import ShownEntry
from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page, walk
from senders.listing.shown import Shown


@require_safe
@permission_required("senders.view_auditentry", raise_exception=True)
def audit_log(request: HttpRequest) -> TemplateResponse:
    asked = Asked.of(listing_for(request.GET), request.GET)
    found = page(asked.cursor, partial(fetch, asked))
    context = {
        "list": Shown(asked, found),
        "rows": [ShownEntry(entry) for entry in found.rows],
        "days": settings.AUDIT_LIFETIME.days,
    }
    return TemplateResponse(request, "audit/list.html", context)


@require_GET
@permission_required("senders.view_auditentry", raise_exception=True)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the log finds, as CSV."""
    asked = Asked.of(listing_for(request.GET), request.GET)
    return csv_response("audit-log", COLUMNS, walk(asked.export_cursor, partial(fetch, asked)))
