"""Importing a list of suppressions: a look at what it would do, then a yes."""

from collections.abc import Iterable

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from senders.audit.requests import actor_behind
from senders.errors import InvalidField
from senders.suppression import Scope
from senders.suppression_forms import ImportForm
from senders.suppression_import import SuppressionImport
from senders.suppressions.bringing import bring, carry_out
from senders.views.answer import refused
from senders.views.suppressions import scope_options

_TEMPLATE = "suppressions/import.html"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_all_suppressions", raise_exception=True)
def import_suppressions(request: HttpRequest) -> HttpResponseBase:
    """Takes a list, and leads to the look at it. Nothing is written yet."""
    options = scope_options(may_do_all=True)
    if request.method != "POST":
        form = ImportForm(initial={"scope": Scope.ORGANISATION})
        return TemplateResponse(request, _TEMPLATE, {"form": form, "scopes": options})
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            return redirect("senders:suppression_import", _brought(request, form).pk)
        except InvalidField as error:
            form.add_error(error.field, str(error))
    return refused(request, _TEMPLATE, {"form": form, "scopes": options})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_all_suppressions", raise_exception=True)
def suppression_import(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the list would do; on POST it is done, and on GET later what came of it."""
    row = get_object_or_404(SuppressionImport, pk=pk)
    if request.method == "POST":
        carry_out(row, timezone.now())
        return redirect("senders:suppression_import", row.pk)
    context = {"row": row, "finding": row.imported or row.looked}
    return TemplateResponse(request, "suppressions/import_look.html", context)


def _brought(request: HttpRequest, form: ImportForm) -> SuppressionImport:
    told = form.cleaned_data
    choices = {
        name: told[name] for name in ("reason", "scope", "sender_address", "mail_type", "note")
    }
    if expires_at := form.expires_at:
        choices["expires_at"] = expires_at.isoformat()
    file = told.get("file")
    pieces: Iterable[bytes] = file.chunks() if file else [told["text"].encode("utf-8", "replace")]
    return bring(
        pieces,
        name=file.name if file else "",
        by=actor_behind(request).name,
        choices=choices,
        now=timezone.now(),
    )
