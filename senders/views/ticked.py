"""What is done to several sender addresses at once: the page that asks, and the act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from senders import services
from senders.listing.ticked import ticked
from senders.models import SenderAddress
from senders.views.answer import done


@dataclass(frozen=True, slots=True)
class OnMany:
    """One action: its words, to whom it has something to do, and the act on one of them."""

    name: str
    label: Promise
    icon: str
    effect: Promise
    fits: Callable[[SenderAddress], bool]
    run: Callable[[SenderAddress], None]
    is_danger: bool = False

    @property
    def url(self) -> str:
        return reverse("senders:act_on_ticked", args=[self.name])


ACTIONS = (
    OnMany(
        name="suspend",
        label=gettext_lazy("Suspend"),
        icon="circle-pause",
        effect=gettext_lazy(
            "Nothing is sent as a suspended address: its log-ins and mail are refused until it is"
            " resumed. Mail that is queued already goes out."
        ),
        fits=lambda sender: sender.suspended_at is None,
        run=lambda sender: services.suspend(sender, now=timezone.now()),
    ),
    OnMany(
        name="resume",
        label=gettext_lazy("Resume"),
        icon="circle-play",
        effect=gettext_lazy("They can send again as before."),
        fits=lambda sender: sender.suspended_at is not None,
        run=services.resume,
    ),
    OnMany(
        name="smtp-off",
        label=gettext_lazy("Switch SMTP off"),
        icon="power-off",
        effect=gettext_lazy(
            "Applications can no longer log in as these addresses. Setting an SMTP password"
            " switches SMTP on again."
        ),
        fits=lambda sender: sender.smtp_enabled,
        run=services.switch_smtp_off,
        is_danger=True,
    ),
)
_BY_NAME = {action.name: action for action in ACTIONS}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
def act_on_ticked(request: HttpRequest, name: str) -> HttpResponseBase:
    """Asks on GET, acts on POST."""
    action = _BY_NAME[name]
    keys = ticked(request.POST if request.method == "POST" else request.GET)
    rows = SenderAddress.objects.with_living_credentials().filter(pk__in=keys)
    senders = list(rows.order_by("address"))
    if not senders:
        messages.error(request, _("Tick the addresses first."))
        return redirect("senders:list")
    able = [sender for sender in senders if action.fits(sender)]
    if request.method != "POST" or not able:
        return _question(request, action, senders, able)
    for sender in able:
        action.run(sender)
    return done(request, _report(name, len(able)))


def _question(
    request: HttpRequest,
    action: OnMany,
    senders: Sequence[SenderAddress],
    able: Sequence[SenderAddress],
) -> TemplateResponse:
    context = {
        "action": action,
        "able": able,
        "title": _title(action.name, len(able)),
        "left": len(senders) - len(able),
    }
    status = 409 if request.method == "POST" else 200
    return TemplateResponse(request, "senders/act_on_ticked.html", context, status=status)


def _title(name: str, count: int) -> str:
    if name == "suspend":
        text = ngettext("Suspend %(count)d address?", "Suspend %(count)d addresses?", count)
    elif name == "resume":
        text = ngettext("Resume %(count)d address?", "Resume %(count)d addresses?", count)
    else:
        text = ngettext(
            "Switch SMTP off for %(count)d address?",
            "Switch SMTP off for %(count)d addresses?",
            count,
        )
    return text % {"count": count}


def _report(name: str, count: int) -> str:
    if name == "suspend":
        text = ngettext(
            "%(count)d address is suspended.", "%(count)d addresses are suspended.", count
        )
    elif name == "resume":
        text = ngettext(
            "%(count)d address can send again.", "%(count)d addresses can send again.", count
        )
    else:
        text = ngettext(
            "SMTP is off for %(count)d address.", "SMTP is off for %(count)d addresses.", count
        )
    return text % {"count": count}
