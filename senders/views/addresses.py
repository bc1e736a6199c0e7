"""The list of sender addresses, a new one, and the end of one."""

from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from senders import services
from senders.forms import CreateForm, FilterForm
from senders.models import SenderAddress, SenderAddressQuerySet
from senders.reply_to import reply_to_state
from senders.views.answer import done, for_sender, refused

PAGE_SIZE = 50


@require_safe
def address_list(request: HttpRequest) -> TemplateResponse:
    """The table, filtered by `q` and `type`, a page of 50 at a time."""
    filters = FilterForm(request.GET)
    filters.is_valid()
    wanted = {name: value for name, value in filters.cleaned_data.items() if value}
    page = Paginator(_filtered(wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "filters": filters,
        "is_filtered": bool(wanted),
        "page": page,
        "rows": [(sender, reply_to_state(sender, now)) for sender in page],
        "range_words": f"{page.start_index()}-{page.end_index()} of {page.paginator.count}",
        "newer_url": _page_url(wanted, page, -1),
        "older_url": _page_url(wanted, page, +1),
    }
    return TemplateResponse(request, "senders/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponseBase:
    """Create Sender Address."""
    form = CreateForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return TemplateResponse(
            request, "senders/create.html", {"form": form}, status=422 if form.is_bound else 200
        )
    try:
        sender = services.create_sender_address(**form.cleaned_data, now=timezone.now())
    except services.InvalidField as error:
        form.add_error(error.field, str(error))
        return refused(request, "senders/create.html", {"form": form})
    return done(request, f"{sender.display_address} is created.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_sender
def suspend(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Suspend: nothing is sent as this address until it is resumed."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/suspend.html", {"sender": sender})
    services.suspend(sender, now=timezone.now())
    return done(request, f"{sender.display_address} is suspended.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_sender
def resume(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Resume: the end of a suspension."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/resume.html", {"sender": sender})
    services.resume(sender)
    return done(request, f"{sender.display_address} can send again.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_sender
def delete(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Delete, for good."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/delete.html", {"sender": sender})
    services.delete_sender_address(sender)
    return done(request, f"{sender.display_address} is deleted.")


def _filtered(wanted: dict[str, str]) -> SenderAddressQuerySet:
    rows: SenderAddressQuerySet = SenderAddress.objects.select_related("reply_to_verification")
    if text := wanted.get("q"):
        rows = rows.matching(text)
    if mail_type := wanted.get("type"):
        rows = rows.of_type(mail_type)
    return rows


def _page_url(wanted: dict[str, str], page: Page[SenderAddress], step: int) -> str:
    number = page.number + step
    if not 1 <= number <= page.paginator.num_pages:
        return ""
    return f"{reverse('senders:list')}?{urlencode({**wanted, 'page': number})}"
