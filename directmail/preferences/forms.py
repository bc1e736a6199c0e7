"""One submission of the preferences."""

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from directmail.models import Operator
from directmail.preferences.time_zones import zones_called


def _languages() -> list[tuple[str, str | Promise]]:
    """Asked anew with each form: settings can differ by then from when this was imported."""
    return [("", _("As the browser asks")), *settings.LANGUAGES]


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own cannot be subscripted
    """Language and time zone of one operator."""

    language = forms.ChoiceField(label=_("Language"), choices=_languages, required=False)
    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        help_text=_("Type a city, as in Berlin or Shanghai. Empty: the installation's."),
        widget=forms.TextInput(
            {
                "list": "time-zones",
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "Europe/Berlin",
            }
        ),
    )

    class Meta:
        model = Operator
        fields = ("language", "time_zone")

    def clean_time_zone(self) -> str:
        typed = str(self.cleaned_data["time_zone"]).strip()
        found = zones_called(typed) if typed else [""]
        if len(found) != 1:
            raise forms.ValidationError(
                _("There is no such time zone. Choose one from the list, as in Europe/Berlin.")
            )
        return found[0]
