"""DKIM Keys: what signs the mail of each domain, and the records that publish it."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from senders import dkim_services
from senders.dkim_key import KeyState
from senders.forms import DomainForm
from senders.models import DkimKey, SenderAddress
from senders.sealing import NoKeyFits
from senders.services import InvalidField
from senders.views.answer import Context, done, refused
from verification.mail_address import display

LIST = "senders:dkim_keys"
KeyView = Callable[[HttpRequest, DkimKey], HttpResponseBase]


@dataclass(frozen=True)
class DomainKeys:
    """A domain and its keys, newest first, each with whether it can be opened."""

    domain: str
    keys: list[tuple[DkimKey, bool]]

    @property
    def display_domain(self) -> str:
        return display(self.domain)

    @property
    def is_signed(self) -> bool:
        return any(key.state is KeyState.ACTIVE for key, _ in self.keys)

    @property
    def has_new(self) -> bool:
        return any(key.state is KeyState.NEW for key, _ in self.keys)


@require_safe
def dkim_keys(request: HttpRequest) -> TemplateResponse:
    """The keys of every domain, and the domains that mail is sent from without any."""
    keys = [(key, dkim_services.can_sign(key)) for key in DkimKey.objects.present()]
    domains = [
        DomainKeys(domain, list(group))
        for domain, group in groupby(keys, key=lambda pair: pair[0].domain)
    ]
    bare = sorted(_sender_domains() - {each.domain for each in domains})
    context = {"domains": domains, "bare_domains": [(each, display(each)) for each in bare]}
    return TemplateResponse(request, "senders/dkim_keys/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_dkimkey", raise_exception=True)
def generate(request: HttpRequest) -> HttpResponseBase:
    """Generate DKIM Keys: an RSA and an Ed25519 key for one domain."""
    form = DomainForm(
        request.POST if request.method == "POST" else None,
        initial={"domain": display(request.GET.get("domain", ""))},
    )
    context = {"form": form, "domains": sorted(map(display, _sender_domains()))}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "senders/dkim_keys/generate.html", context, status=status)
    try:
        keys = dkim_services.generate_dkim_keys(form.cleaned_data["domain"], now=timezone.now())
    except InvalidField as error:
        form.add_error(error.field, str(error))
        return refused(request, "senders/dkim_keys/generate.html", context)
    name = keys[0].display_domain
    return done(request, f"{name} has new keys. Publish their records, then activate.", LIST)


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
    context: Context = {"key": key, "predecessor": same.exclude(pk=key.pk).first()}
    if request.method != "POST":
        return TemplateResponse(request, "senders/dkim_keys/activate.html", context)
    try:
        dkim_services.activate(key, now=timezone.now())
    except (NoKeyFits, dkim_services.KeyDeleted) as error:
        context["problem"] = str(error)
        return TemplateResponse(request, "senders/dkim_keys/activate.html", context, status=409)
    return done(request, f"{key.selector} signs the mail of {key.display_domain}.", LIST)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_dkimkey", raise_exception=True)
@for_key
def retire(request: HttpRequest, key: DkimKey) -> HttpResponseBase:
    """Retire: this key signs no more."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/dkim_keys/retire.html", _ending(key))
    dkim_services.retire(key, now=timezone.now())
    return done(request, f"{key.selector} of {key.display_domain} signs no more.", LIST)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_dkimkey", raise_exception=True)
@for_key
def delete(request: HttpRequest, key: DkimKey) -> HttpResponseBase:
    """Delete, for good."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/dkim_keys/delete.html", _ending(key))
    dkim_services.delete(key, now=timezone.now())
    return done(request, f"{key.selector} of {key.display_domain} is deleted.", LIST)


def _ending(key: DkimKey) -> Context:
    others = DkimKey.objects.active().of_domains([key.domain]).exclude(pk=key.pk)
    return {"key": key, "is_active": key.state is KeyState.ACTIVE, "others": list(others)}


def _sender_domains() -> set[str]:
    addresses = SenderAddress.objects.values_list("address", flat=True)
    return {address.rpartition("@")[2] for address in addresses}
