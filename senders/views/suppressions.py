"""The Suppressions page: who gets no mail, since when and why; one of them; and a new one."""

from functools import partial

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from senders.errors import InvalidField
from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page, walk
from senders.listing.shown import Shown
from senders.listing.ticked import OnTicked
from senders.suppression import Reason, Scope, Suppression
from senders.suppression_forms import AddForm
from senders.suppressions import wording
from senders.suppressions.listing import COLUMNS, fetch, found, listing_for
from senders.suppressions.services import suppress
from senders.views.answer import done, refused

LIST = "senders:suppressions"
MOST_COUNTED = 1_000
_MOST_HISTORY = 50
_ACTIONS = (OnTicked(gettext_lazy("Lift"), "undo-2", "senders:lift_suppressions"),)


@require_safe
def suppression_list(request: HttpRequest) -> TemplateResponse:
    """The table, as its URL asks for it."""
    asked = Asked.of(listing_for(request.GET), request.GET)
    shown = Shown(asked, page(asked.cursor, partial(fetch, asked)))
    now = timezone.now()
    count = found(asked)[: MOST_COUNTED + 1].count()
    context = {
        "list": shown,
        "rows": [(row, row.state(now), wording.scope_words(row)) for row in shown.page.rows],
        "words": wording.count_words(count, MOST_COUNTED),
        "actions": _ACTIONS if request.user.has_perm("senders.change_suppression") else (),
    }
    return TemplateResponse(request, "suppressions/list.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the list finds, as CSV, which can be imported again."""
    asked = Asked.of(listing_for(request.GET), request.GET)
    return csv_response("suppressions", COLUMNS, walk(asked.export_cursor, partial(fetch, asked)))


@require_safe
def suppression(request: HttpRequest, pk: int) -> TemplateResponse:
    """One, with its evidence and what was before it."""
    row = get_object_or_404(Suppression, pk=pk)
    now = timezone.now()
    others = Suppression.objects.filter(target=row.target).exclude(pk=row.pk)
    history = [
        (each, each.state(now), wording.scope_words(each)) for each in others[:_MOST_HISTORY]
    ]
    context = {
        "row": row,
        "state": row.state(now),
        "scope": wording.scope_words(row),
        "kind": wording.reason_kind(row),
        "history": history,
    }
    return TemplateResponse(request, "suppressions/one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_suppression", raise_exception=True)
def add(request: HttpRequest) -> HttpResponseBase:
    """By hand. What stops all mail of the organisation is an admin's."""
    if request.method != "POST":
        return TemplateResponse(request, "suppressions/add.html", _filled(request, _blank(request)))
    form = AddForm(request.POST)
    if form.is_valid():
        try:
            return _added(request, form)
        except InvalidField as error:
            form.add_error(_FIELDS.get(error.field, error.field), str(error))
    return refused(request, "suppressions/add.html", _filled(request, form))


_FIELDS = {"expires_at": "until", "reason": "note"}


def _added(request: HttpRequest, form: AddForm) -> HttpResponseBase:
    told = form.cleaned_data
    if told["scope"] == Scope.ORGANISATION and not _may_do_all(request):
        raise InvalidField("scope", _("Only admins stop all mail to somebody."))
    row = suppress(
        reason=Reason.MANUAL,
        recipient_or_domain=told["target"],
        scope=told["scope"],
        sender_address=told["sender_address"],
        mail_type=told["mail_type"],
        note=told["note"],
        expires_at=form.expires_at,
        now=timezone.now(),
    )
    words = _("%(recipient)s gets no mail from now on.") % {"recipient": row.display_target}
    return done(request, words, LIST)


def _blank(request: HttpRequest) -> AddForm:
    sender = request.GET.get("sender", "")
    scope = Scope.ADDRESS if sender else Scope.ORGANISATION if _may_do_all(request) else None
    initial = {
        "target": request.GET.get("target", ""),
        "scope": scope,
        "sender_address": sender,
    }
    return AddForm(initial=initial)


def _filled(request: HttpRequest, form: AddForm) -> dict[str, object]:
    return {"form": form, "scopes": scope_options(may_do_all=_may_do_all(request))}


def scope_options(*, may_do_all: bool) -> list[tuple[str, object, object]]:
    """Value, label, and what it means."""
    options: list[tuple[str, object, object]] = [
        (Scope.ADDRESS, Scope.ADDRESS.label, _("The others go on sending to the recipient.")),
        (Scope.MAIL_TYPE, Scope.MAIL_TYPE.label, _("Such as all Batch Mail.")),
    ]
    if may_do_all:
        means = _("No mail at all of this installation, but its own to operators.")
        options.append((Scope.ORGANISATION, Scope.ORGANISATION.label, means))
    return options


def _may_do_all(request: HttpRequest) -> bool:
    return request.user.has_perm("senders.change_all_suppressions")
