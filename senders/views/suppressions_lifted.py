"""Lifting suppressions: one, those that are ticked, or all that the list finds."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from senders.listing.asked import Asked
from senders.listing.ticked import ticked
from senders.suppression import Suppression
from senders.suppression_forms import LiftForm
from senders.suppressions import wording
from senders.suppressions.listing import found, listing_for
from senders.suppressions.services import lift
from senders.views.answer import done
from senders.views.suppressions import LIST

_SHOWN = 20
_MOST_AT_ONCE = 10_000


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_suppression", raise_exception=True)
def lift_suppressions(request: HttpRequest) -> HttpResponseBase:
    """Asks on GET, acts on POST."""
    query = request.POST if request.method == "POST" else request.GET
    of_found = query.get("of") == "found"
    if of_found and not request.user.has_perm("senders.change_all_suppressions"):
        raise PermissionDenied
    rows = _found(query) if of_found else _ticked(query)
    if not rows:
        messages.error(request, _("Tick the suppressions first that are to be lifted."))
        return redirect(LIST)
    form = LiftForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _question(request, form, rows, query if of_found else None)
    count = lift(rows, why=form.cleaned_data["why"], now=timezone.now())
    return done(request, wording.lifted_words(count), LIST)


def _ticked(query: QueryDict) -> list[Suppression]:
    rows = Suppression.objects.filter(pk__in=ticked(query), ended_at=None)
    return list(rows.order_by("target", "id"))


def _found(query: QueryDict) -> list[Suppression]:
    """As many as are lifted at once: what is more takes another time."""
    rows = found(Asked.of(listing_for(query), query)).filter(ended_at=None)
    return list(rows.order_by("id")[:_MOST_AT_ONCE])


def _question(
    request: HttpRequest, form: LiftForm, rows: Sequence[Suppression], found_by: QueryDict | None
) -> TemplateResponse:
    names = ("q", "reason", "scope", "sender", "state")
    title = ngettext("Lift %(count)d suppression?", "Lift %(count)d suppressions?", len(rows)) % {
        "count": len(rows)
    }
    context = {
        "form": form,
        "rows": rows,
        "shown": rows[:_SHOWN],
        "more": len(rows) - _SHOWN,
        "title": title,
        "filters": [(n, found_by[n]) for n in names if found_by.get(n)] if found_by else None,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "suppressions/lift.html", context, status=status)
