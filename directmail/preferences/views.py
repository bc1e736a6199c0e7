"""How the console is read."""

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from directmail.own_account import operator_of, to_section
from directmail.preferences.forms import PreferencesForm
from directmail.preferences.time_zones import time_zones


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponseBase:
    """Language and time zone."""
    operator = operator_of(request)
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=operator)
    if form.is_valid():
        form.save()
        # Said in the language that was just chosen.
        with translation.override(operator.language or translation.get_language()):
            messages.success(request, gettext("Your preferences are saved."))
        return to_section("preferences")
    context = {"form": form, "time_zones": time_zones()}
    return TemplateResponse(
        request, "account/preferences.html", context, status=422 if form.is_bound else 200
    )
