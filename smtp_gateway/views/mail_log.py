"""The mail log: every recipient of every mail, newest first."""

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from smtp_gateway.keyset import Cursor
from smtp_gateway.mail_log import deliveries_page
from smtp_gateway.models import ShownState
from smtp_gateway.views.paging import neighbours, search_text


@require_safe
def mail_log(request: HttpRequest) -> TemplateResponse:
    search, state = search_text(request), request.GET.get("state", "")
    state = state if state in ShownState.values else ""
    found = deliveries_page(search=search, state=state, cursor=Cursor.of(request.GET))
    context = {
        "deliveries": found.rows,
        "search": search,
        "state": state,
        "states": ShownState.choices,
        "is_filtered": bool(search or state),
        "now": timezone.now(),
        **neighbours(request, found),
    }
    return TemplateResponse(request, "smtp_gateway/mail_log.html", context)
