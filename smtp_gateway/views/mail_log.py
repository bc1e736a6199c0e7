"""The mail log: every recipient of every mail, newest first."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from smtp_gateway.action_words import WORDS
from smtp_gateway.keyset import Cursor, Page
from smtp_gateway.mail_log import deliveries_page
from smtp_gateway.models import ShownState
from smtp_gateway.obstacles import offered_for_list
from smtp_gateway.refusals import refused_page
from smtp_gateway.smtp_sessions.reading import kept
from smtp_gateway.views.paging import neighbours, search_text

_REFUSED = ("refused", "Refused")
"""Not a delivery's state: what was refused never became one."""


@require_safe
def mail_log(request: HttpRequest) -> TemplateResponse:
    search, state = search_text(request), request.GET.get("state", "")
    cursor = Cursor.of(request.GET)
    if state == _REFUSED[0]:
        refused = refused_page(search=search, cursor=cursor)
        rows = {
            "refused": refused.rows,
            "sessions": kept(mail.session_id for mail in refused.rows),
            "state": state,
        }
        return _page(request, rows, refused)
    state = state if state in ShownState.values else ""
    found = deliveries_page(search=search, state=state, cursor=cursor)
    return _page(request, {"deliveries": found.rows, "state": state}, found)


def _page(request: HttpRequest, rows: dict[str, Any], found: Page[Any]) -> TemplateResponse:
    search = search_text(request)
    can_act = rows["state"] != _REFUSED[0] and request.user.has_perm("smtp_gateway.act_on_mail")
    names = offered_for_list(rows["state"]) if can_act else []
    context = {
        **rows,
        "actions": [(name, WORDS[name]) for name in names],
        "search": search,
        "states": [*ShownState.choices, _REFUSED],
        "is_filtered": bool(search or rows["state"]),
        "now": timezone.now(),
        **neighbours(request, found),
    }
    return TemplateResponse(request, "smtp_gateway/mail_log.html", context)
