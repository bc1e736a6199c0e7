"""DKIM Keys: what signs the mail of each domain, and the records that publish it."""

import functools
from collections.abc import Callable

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from senders import dkim_services
from senders.dkim_key import KeyState
from senders.dkim_list import (
    COLUMNS,
    LISTING,
    bare_domains,
    batches,
    fetch,
    sender_domains,
)
from senders.forms import DomainForm
from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page
from senders.listing.shown import Shown
from senders.models import DkimKey, SenderDomain
from senders.sealing import NoKeyFits
from senders.services import InvalidField
from senders.views.answer import Context, done, refused
from verification.mail_address import display

LIST = "senders:dkim_keys"
_BARE_SHOWN = 50
KeyView = Callable[[HttpRequest, DkimKey], HttpResponseBase]


@require_safe
def dkim_keys(request: HttpRequest) -> TemplateResponse:
    """The keys of each domain, and the domains that mail is sent from without any."""
    asked = Asked.of(LISTING, request.GET)
    found = page(asked.cursor, functools.partial(fetch, asked))
    bare = [] if asked.chosen["state"] else bare_domains(asked.search)
    context = {
        "list": Shown(asked, found),
        "domains": found.rows,
        "bare_domains": [(each, display(each)) for each in bare[:_BARE_SHOWN]],
        "more_bare": len(bare[_BARE_SHOWN:]),
    }
    return TemplateResponse(request, "senders/dkim_keys/list.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The keys of all that the list finds, as CSV, with their records."""
    return csv_response("dkim-keys", COLUMNS, batches(Asked.of(LISTING, request.GET)))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_dkimkey", raise_exception=True)
def generate(request: HttpRequest) -> HttpResponseBase:
    """Generate DKIM Keys: an RSA and an Ed25519 key for one domain."""
    form = DomainForm(
        request.POST if request.method == "POST" else None,
        initial={"domain": display(request.GET.get("domain", ""))},
    )
    context = {"form": form, "domains": sorted(map(display, sender_domains()))}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "senders/dkim_keys/generate.html", context, status=status)
    try:
        keys = dkim_services.generate_dkim_keys(form.cleaned_data["domain"], now=timezone.now())
    except InvalidField as error:
        form.add_error(error.field, str(error))
        return refused(request, "senders/dkim_keys/generate.html", context)
    said = _("%(domain)s has new keys. Publish their records, then activate.")
    return done(request, said % {"domain": keys[0].display_domain}, LIST)


def for_key(view: KeyView) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """Gives the view the key of the URL; 404 when there is none or it is deleted."""

    @functools.wraps(view)
    def with_key(request: HttpRequest, pk: int) -> HttpResponseBase:
        return view(request, get_object_or_404(DkimKey.objects.present(), pk=pk))

    return with_key


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_dkimkey", raise_exception=True)
@for_key
def activate(request: HttpRequest, key: DkimKey) -> HttpResponseBase:
    """Activate: this key signs, and the one that did so until now is retired."""
    same = DkimKey.objects.active().of_domains([key.domain]).filter(algorithm=key.algorithm)
    context: Context = {
        "key": key,
        "predecessor": same.exclude(pk=key.pk).first(),
        "back_url": _page_of(key),
    }
    if request.method != "POST":
        return TemplateResponse(request, "senders/dkim_keys/activate.html", context)
    try:
        dkim_services.activate(key, now=timezone.now())
    except (NoKeyFits, dkim_services.KeyDeleted) as error:
        context["problem"] = str(error)
        return TemplateResponse(request, "senders/dkim_keys/activate.html", context, status=409)
    return done(
        request, _("%(selector)s signs the mail of %(domain)s.") % _names(key), _page_of(key)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_dkimkey", raise_exception=True)
@for_key
def retire(request: HttpRequest, key: DkimKey) -> HttpResponseBase:
    """Retire: this key signs no more."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/dkim_keys/retire.html", _ending(key))
    dkim_services.retire(key, now=timezone.now())
    return done(
        request, _("%(selector)s of %(domain)s signs no more.") % _names(key), _page_of(key)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_dkimkey", raise_exception=True)
@for_key
def delete(request: HttpRequest, key: DkimKey) -> HttpResponseBase:
    """Delete, for good."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/dkim_keys/delete.html", _ending(key))
    dkim_services.delete(key, now=timezone.now())
    return done(request, _("%(selector)s of %(domain)s is deleted.") % _names(key), _page_of(key))


def _names(key: DkimKey) -> dict[str, str]:
    return {"selector": key.selector, "domain": key.display_domain}


def _ending(key: DkimKey) -> Context:
    others = DkimKey.objects.active().of_domains([key.domain]).exclude(pk=key.pk)
    return {
        "key": key,
        "is_active": key.state is KeyState.ACTIVE,
        "others": list(others),
        "back_url": _page_of(key),
    }


def _page_of(key: DkimKey) -> str:
    """The page that shows the key: its domain's, where that was added."""
    row = SenderDomain.objects.filter(domain=key.domain).first()
    return reverse("senders:domain", args=[row.pk]) if row else reverse(LIST)
