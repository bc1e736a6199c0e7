"""Submissions about SMTP credentials; what a name or a password may be is decided in services."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from senders.forms import PASSWORD_RULE
from senders.smtp_credential import MAX_NAME_LENGTH

FOR_GOOD = "never"
GRACE = {
    "now": timedelta(0),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    FOR_GOOD: None,
}
"""How long a rotated password works on; None: for good."""
GRACE_OPTIONS = (
    ("now", _("Stop at once"), _("What still uses it is refused from now on.")),
    ("1h", _("Work for 1 more hour"), ""),
    ("24h", _("Work for 24 more hours"), ""),
    ("7d", _("Work for 7 more days"), ""),
    (FOR_GOOD, _("Work on"), _("Until you revoke it.")),
)
_NO_DATE = _("Choose a date and a time, or leave both empty.")


class NameForm(forms.Form):
    """What a credential is called."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("The application or the host that uses it, for example “shop on web-1”."),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": _("Enter a name, for example the application that uses it.")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class AddForm(NameForm):
    """One more password of an address."""

    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": _NO_DATE},
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        help_text=format_lazy(
            _("Empty: a long and random one is made, and shown to you once. Or your own: {rule}"),
            rule=PASSWORD_RULE,
        ),
        widget=forms.PasswordInput(
            {"autocomplete": "new-password", "spellcheck": "false"}, render_value=True
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expires_at"].help_text = gettext(
            "From then on it is refused. Times are those of %(zone)s. Empty: it works until you"
            " revoke it."
        ) % {"zone": timezone.get_current_timezone_name()}


class RotateForm(AddForm):
    """A new password in the place of one, and what becomes of that."""

    grace = forms.ChoiceField(
        label=_("The present password is to"),
        choices=[(value, label) for value, label, _text in GRACE_OPTIONS],
        initial="24h",
        error_messages={"required": _("Choose what becomes of the present password.")},
    )
    field_order = ["grace", "name", "expires_at", "password"]
