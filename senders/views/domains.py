"""Domains: which ones are the organisation's own, and the records that show it."""

import functools
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from senders.domains import services
from senders.domains.listing import COLUMNS, LISTING, fetch, not_found, unadded_domains
from senders.domains.shown import show, shown_state
from senders.domains.tasks import check_domain
from senders.errors import InvalidField
from senders.forms import DomainForm, ReturnPathForm
from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page, walk
from senders.listing.shown import Shown
from senders.models import SenderDomain
from senders.views.answer import Context, done, opened, refused
from verification.mail_address import display

_UNADDED_SHOWN = 50
DomainView = Callable[[HttpRequest, SenderDomain], HttpResponseBase]
changes_domains = permission_required("senders.change_senderdomain", raise_exception=True)


def for_domain(view: DomainView) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """Gives the view the domain of the URL; 404 when there is none."""

    @functools.wraps(view)
    def with_domain(request: HttpRequest, pk: int) -> HttpResponseBase:
        return view(request, get_object_or_404(SenderDomain, pk=pk))

    return with_domain


@require_safe
def domains(request: HttpRequest) -> TemplateResponse:
    """All that were added, and those that mail is sent from without."""
    asked, now = Asked.of(LISTING, request.GET), timezone.now()
    found = page(asked.cursor, functools.partial(fetch, asked))
    unadded = [] if asked.chosen["state"] else unadded_domains(asked.search)
    context = {
        "list": Shown(asked, found),
        "rows": [(row, shown_state(row, now), len(not_found(row))) for row in found.rows],
        "unadded": [(each, display(each)) for each in unadded[:_UNADDED_SHOWN]],
        "more_unadded": len(unadded[_UNADDED_SHOWN:]),
    }
    return TemplateResponse(request, "senders/domains/list.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the list finds, as CSV."""
    asked = Asked.of(LISTING, request.GET)
    rows = walk(asked.export_cursor, functools.partial(fetch, asked))
    return csv_response("domains", COLUMNS, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_domains
def add(request: HttpRequest) -> HttpResponseBase:
    """Add a domain, with keys for its mail."""
    form = DomainForm(
        request.POST if request.method == "POST" else None,
        initial={"domain": display(request.GET.get("domain", ""))},
    )
    context: Context = {"form": form, "domains": [display(each) for each in unadded_domains()]}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "senders/domains/add.html", context, status=status)
    try:
        row = services.add_domain(form.cleaned_data["domain"], now=timezone.now())
    except InvalidField as error:
        form.add_error(error.field, str(error))
        return refused(request, "senders/domains/add.html", context)
    check_domain.delay_on_commit(row.pk)
    said = _("%(domain)s is added. Publish its records, and it is verified once they are found.")
    return opened(request, said % {"domain": row.display_domain}, _page_of(row))


@require_safe
@for_domain
def domain(request: HttpRequest, row: SenderDomain) -> HttpResponseBase:
    """One domain: its state, each record wanted beside found, its keys."""
    context = {"row": row, "shown": show(row, timezone.now())}
    return TemplateResponse(request, "senders/domains/domain.html", context)


@require_POST
@permission_required("senders.check_senderdomain", raise_exception=True)
@for_domain
def check(request: HttpRequest, row: SenderDomain) -> HttpResponseBase:
    """Check now: the page shows the result when the worker has it."""
    services.request_check(row, now=timezone.now())
    check_domain.delay_on_commit(row.pk)
    messages.info(request, _("DirectMail looks into DNS now."))
    return redirect(_page_of(row))


@require_http_methods(["GET", "HEAD", "POST"])
@changes_domains
@for_domain
def rotate(request: HttpRequest, row: SenderDomain) -> HttpResponseBase:
    """Rotate: new keys beside the present ones, which sign until the new records are found."""
    context: Context = {"row": row, "back_url": _page_of(row)}
    if request.method != "POST":
        return TemplateResponse(request, "senders/domains/rotate.html", context)
    try:
        services.rotate_keys(row, now=timezone.now())
    except InvalidField as error:
        context["problem"] = str(error)
        return TemplateResponse(request, "senders/domains/rotate.html", context, status=409)
    said = _("%(domain)s has new keys. They take over once their records are found.")
    return done(request, said % {"domain": row.display_domain}, _page_of(row))


@require_http_methods(["GET", "HEAD", "POST"])
@changes_domains
@for_domain
def change_return_path(request: HttpRequest, row: SenderDomain) -> HttpResponseBase:
    """Change the host that reports come back to."""
    form = ReturnPathForm(
        request.POST if request.method == "POST" else None,
        initial={"host": display(row.return_path_host)},
    )
    context: Context = {"row": row, "form": form, "back_url": _page_of(row)}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "senders/domains/return_path.html", context, status=status)
    try:
        host = form.cleaned_data["host"]
        services.change_return_path_host(row, host=host, now=timezone.now())
    except InvalidField as error:
        form.add_error(error.field, str(error))
        return refused(request, "senders/domains/return_path.html", context)
    check_domain.delay_on_commit(row.pk)
    said = _("Reports about mail of %(domain)s are to come back to %(host)s.")
    names = {"domain": row.display_domain, "host": display(row.return_path_host)}
    return done(request, said % names, _page_of(row))


@require_http_methods(["GET", "HEAD", "POST"])
@changes_domains
@for_domain
def remove(request: HttpRequest, row: SenderDomain) -> HttpResponseBase:
    """Remove: its mail leaves no more."""
    if request.method != "POST":
        context = {"row": row, "back_url": _page_of(row)}
        return TemplateResponse(request, "senders/domains/remove.html", context)
    services.remove_domain(row, now=timezone.now())
    said = _("%(domain)s is removed.") % {"domain": row.display_domain}
    return opened(request, said, reverse(LISTING.page))


def _page_of(row: SenderDomain) -> str:
    return reverse("senders:domain", args=[row.pk])
