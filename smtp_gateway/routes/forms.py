"""A route as an operator types it; what its fields may hold is decided beside this file."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senders.models import MailType
from smtp_gateway.models import Route, RouteKind, RouteSecurity
from smtp_gateway.recorded.wording import recorded
from smtp_gateway.relay.domain_patterns import InvalidPattern, parse_patterns, shown
from smtp_gateway.routes.places import InvalidPlace, is_own_gateway, valid_host, valid_source
from smtp_gateway.routes.services import OF_A_SMARTHOST, OF_WHAT_LEAVES
from verification.mail_address import display

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_PLAIN = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
_SECURITIES = [
    (RouteSecurity.REQUIRED, _("STARTTLS, required: no mail goes out without TLS")),
    (RouteSecurity.IMPLICIT, _("TLS from the start, usually on port 465")),
    (RouteSecurity.WHEN_OFFERED, _("STARTTLS where it is offered, else no TLS")),
    (RouteSecurity.NEVER, _("No TLS")),
]
_SOURCES = {4: _("Source IPv4 address"), 6: _("Source IPv6 address")}
_HOST_IS_OURS = _(
    "That is DirectMail's own SMTP server, and mail would go round for ever. Enter the server "
    "that takes your mail."
)


def _checked(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except (InvalidPattern, InvalidPlace) as error:
        raise forms.ValidationError(recorded(str(error))) from None


def _number(
    label: "_StrPromise", most: int, help_text: "_StrPromise", *, required: bool = True
) -> forms.IntegerField:
    said = format_lazy(_("Enter a number from 1 to {most}."), most=most)
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        required=required,
        help_text=help_text,
        error_messages=dict.fromkeys(["required", "invalid", "min_value", "max_value"], said),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


def _domains(label: "_StrPromise", help_text: "_StrPromise") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=20_000,
        help_text=help_text,
        widget=forms.Textarea({**_PLAIN, "rows": 3, "placeholder": "example.com\n*.example.com"}),
    )


def _source(version: int) -> forms.CharField:
    return forms.CharField(
        label=_SOURCES[version],
        required=False,
        max_length=60,
        help_text=_("An address of this machine; empty: the system's choice."),
        widget=forms.TextInput(_PLAIN),
    )


class RouteForm(forms.Form):
    """All of a route. Fields that its kind has no use for are not looked at."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("How you call it, as in Newsletter relay."),
        error_messages={"required": _("Enter a name, for example Newsletter relay.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("Where it leads"),
        choices=RouteKind,
        initial=RouteKind.SMARTHOST,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose where it leads.")),
        widget=forms.RadioSelect,
    )
    mail_type = forms.ChoiceField(
        label=_("Mail type"), required=False, choices=[("", _("All mail types")), *MailType.choices]
    )
    sender_domains = _domains(
        _("Sender domains"),
        _(
            "Only mail from these domains, one a line; *.example.com is all below example.com. "
            "Empty: from every domain."
        ),
    )
    recipient_domains = _domains(
        _("Recipient domains"),
        _("Only mail to these domains, written likewise. Empty: to every domain."),
    )
    host = forms.CharField(
        label=_("Host"),
        max_length=255,
        error_messages={"required": _("Enter the server's name, for example smtp.example.net.")},
        help_text=_("Name or IP address of the server that takes the mail."),
        widget=forms.TextInput({**_PLAIN, "placeholder": "smtp.example.net"}),
    )
    port = _number(_("Port"), 65535, _("Usually 587, or 465 with TLS from the start, or 25."))
    security = forms.ChoiceField(
        label=_("Protection"),
        choices=_SECURITIES,
        initial=RouteSecurity.REQUIRED,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose the protection.")),
    )
    verify_tls = forms.BooleanField(
        label=_("Check the server's certificate"),
        required=False,
        initial=True,
        help_text=_(
            "Switch it off only for a server of yours whose certificate no public "
            "authority has signed."
        ),
    )
    user = forms.CharField(
        label=_("User name"),
        required=False,
        max_length=255,
        help_text=_("Empty: DirectMail does not log in."),
        widget=forms.TextInput(_PLAIN),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=1000,
        strip=False,
        help_text=_("Kept encrypted, and never shown."),
        widget=forms.PasswordInput({"autocomplete": "new-password", "spellcheck": "false"}),
    )
    remove_password = forms.BooleanField(label=_("Remove the password"), required=False)
    source_ipv4 = _source(4)
    source_ipv6 = _source(6)
    max_connections = _number(
        _("Most connections"), 1000, _("To one server at a time, over all relay processes.")
    )
    mails_per_connection = _number(
        _("Mails per connection"), 10_000, _("Then DirectMail connects anew.")
    )
    mails_per_minute = _number(
        _("Mails per minute"),
        1_000_000,
        _("Most to one server, over all relay processes. Empty: as many as it takes."),
        required=False,
    )
    is_enabled = forms.BooleanField(
        label=_("Use this route"),
        required=False,
        initial=True,
        help_text=_("Switched off, it stays in the list and takes no mail."),
    )

    def __init__(self, data: QueryDict | None = None, *, route: Route | None = None) -> None:
        initial = _initial(route) if route else _NEW
        super().__init__(None if data is None else _without_unused(data), initial=initial)
        self.fields["host"].required = data is None or data.get("kind") == RouteKind.SMARTHOST
        self.has_password = bool(route and route.sealed_password)
        if self.has_password:
            self.fields["password"].help_text = _(
                "A password is set. Leave this empty to keep it; it is never shown."
            )

    @property
    def values(self) -> Mapping[str, object]:
        """The fields of the row, once it is valid."""
        apart = ("password", "remove_password")
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_sender_domains(self) -> str:
        return self._patterns("sender_domains")

    def clean_recipient_domains(self) -> str:
        return self._patterns("recipient_domains")

    def clean_host(self) -> str:
        text = self.cleaned_data["host"]
        return cast("str", _checked(lambda: valid_host(text))) if text else ""

    def clean_source_ipv4(self) -> str | None:
        return cast("str | None", _checked(lambda: valid_source(self._text("source_ipv4"), 4)))

    def clean_source_ipv6(self) -> str | None:
        return cast("str | None", _checked(lambda: valid_source(self._text("source_ipv6"), 6)))

    def clean(self) -> None:
        host, port = self.cleaned_data.get("host"), self.cleaned_data.get("port")
        if host and port and is_own_gateway(host, port):
            self.add_error("host", _HOST_IS_OURS)

    def _text(self, name: str) -> str:
        return str(self.cleaned_data[name])

    def _patterns(self, name: str) -> str:
        patterns = _checked(lambda: parse_patterns(self._text(name)))
        return "\n".join(patterns)


_NEW = {"port": 587, "max_connections": 10, "mails_per_connection": 100}


def _without_unused(data: QueryDict) -> QueryDict:
    """`data` with harmless values for what the chosen kind has no use for.

    What cannot be seen on the page must not be what keeps it from being saved.
    """
    kind, unused = data.get("kind"), tuple[str, ...]()
    if kind in (RouteKind.MX, RouteKind.MAILBOX):
        unused += (*OF_A_SMARTHOST, "password", "remove_password")
    if kind == RouteKind.MAILBOX:
        unused += OF_WHAT_LEAVES
    used = data.copy()
    for name in unused:
        used[name] = str(_NEW.get(name, RouteForm.base_fields[name].initial or ""))
    return used


def _initial(route: Route) -> dict[str, object]:
    """What a route has, for the form; everything but the password."""
    values = {name: getattr(route, name) for name in RouteForm.base_fields if hasattr(route, name)}
    for name in ("sender_domains", "recipient_domains"):
        values[name] = "\n".join(map(shown, values[name].split()))
    return {**values, "host": display(f"@{route.host}").removeprefix("@")}
