"""What is submitted about suppressions."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from senders.errors import InvalidField
from senders.models import MailType
from senders.suppression import Reason, Scope
from senders.suppressions.whose import check_sender, sender_form

_PLAIN = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
MAX_BYTES = 20 * 1024 * 1024


class ScopeForm(forms.Form):
    """Whose mail is stopped, and for how long."""

    scope = forms.ChoiceField(
        label=_("Applies to"),
        choices=Scope,
        error_messages={"required": _("Choose whose mail is stopped.")},
        widget=forms.RadioSelect,
    )
    sender_address = forms.CharField(
        label=_("Sender address"),
        required=False,
        max_length=192,
        help_text=_("Only for one sender address."),
        widget=forms.TextInput({**_PLAIN, "inputmode": "email", "placeholder": "news@example.com"}),
    )
    mail_type = forms.ChoiceField(
        label=_("Mail type"),
        required=False,
        choices=[("", "—"), *MailType.choices],
        help_text=_("Only for one mail type."),
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("The last day on which it holds. Without one it holds until it is lifted."),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        help_text=_("Why, for whoever finds it later."),
    )

    def clean(self) -> dict[str, Any]:
        """What belongs to another scope is left out."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("scope") != Scope.ADDRESS:
            cleaned["sender_address"] = ""
        if cleaned.get("scope") != Scope.MAIL_TYPE:
            cleaned["mail_type"] = ""
        cleaned["sender_address"] = sender_form(cleaned.get("sender_address", ""))
        try:
            check_sender(cleaned["sender_address"])
        except InvalidField as error:
            self.add_error(error.field, str(error))
        return cleaned

    @property
    def expires_at(self) -> datetime | None:
        """The end of the last day, in the time zone of who says so."""
        until = self.cleaned_data.get("until")
        if until is None:
            return None
        return timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))


class AddForm(ScopeForm):
    """One recipient, or a domain."""

    target = forms.CharField(
        label=_("Recipient"),
        max_length=320,
        help_text=_("An address, or a domain for everybody there and below it."),
        error_messages={"required": _("Enter an address or a domain, for example example.com.")},
        widget=forms.TextInput({**_PLAIN, "placeholder": _("you@example.com or example.com")}),
    )
    field_order = ["target"]


class ImportForm(ScopeForm):
    """A list, as a file or pasted."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("Text or CSV in UTF-8, up to 20 MB."),
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=_("Or paste the list"),
        required=False,
        help_text=_("One address or domain a line."),
        widget=forms.Textarea({**_PLAIN, "rows": 6}),
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Reason,
        initial=Reason.MANUAL,
        help_text=_("Of lines that name none."),
    )
    field_order = ["file", "text", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file = cleaned.get("file")
        if not file and not cleaned.get("text", "").strip():
            self.add_error("file", _("Choose a file, or paste the list."))
        if file and file.size > MAX_BYTES:
            self.add_error("file", _("The file is larger than 20 MB. Import it in parts."))
        return cleaned


class LiftForm(forms.Form):
    """Why they get mail again."""

    why = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Shown in the history of the recipient and in the audit log."),
        error_messages={"required": _("Say why they are to get mail again.")},
    )
