"""The People page, and what an admin does there."""

import functools
from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from directmail import roles
from directmail.models import Operator
from directmail.own_account import asked_again
from directmail.people import services
from directmail.people.forms import RoleForm
from directmail.people.reading import people as all_people
from directmail.people.services import PersonGone, PersonRefused

PersonView = Callable[[HttpRequest, Operator], HttpResponseBase]


def for_person(view: PersonView) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """Gives the view the person of the URL; 404 when there is none, or none any more."""

    @functools.wraps(view)
    def with_person(request: HttpRequest, pk: int) -> HttpResponseBase:
        try:
            return view(request, get_object_or_404(Operator, pk=pk))
        except PersonGone:
            raise Http404 from None

    return with_person


@require_safe
@permission_required("directmail.change_operator", raise_exception=True)
def people(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(
        request, "people/list.html", {"people": all_people(), "roles": roles.OPTIONS}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
@for_person
def change_role(request: HttpRequest, person: Operator) -> HttpResponseBase:
    form = RoleForm(
        request.POST if request.method == "POST" else None, initial={"role": person.role}
    )
    context = {"person": person, "form": form, "options": roles.OPTIONS}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "people/change_role.html", context, status=status)
    try:
        services.change_role(person, role=form.cleaned_data["role"], by=_by(request))
    except PersonRefused as refusal:
        form.add_error("role", str(refusal))
        return TemplateResponse(request, "people/change_role.html", context, status=409)
    told = {"person": person.email, "role": person.get_role_display()}
    return _done(request, _("The role of %(person)s is now: %(role)s.") % told)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
@for_person
def deactivate(request: HttpRequest, person: Operator) -> HttpResponseBase:
    if request.method != "POST":
        return TemplateResponse(request, "people/deactivate.html", {"person": person})
    try:
        services.deactivate(person, by=_by(request))
    except PersonRefused as refusal:
        return _refused(request, "people/deactivate.html", person, refusal)
    told = {"person": person.email}
    return _done(request, _("%(person)s is logged out and can no longer log in.") % told)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
@for_person
def reactivate(request: HttpRequest, person: Operator) -> HttpResponseBase:
    if request.method != "POST":
        return TemplateResponse(request, "people/reactivate.html", {"person": person})
    services.reactivate(person)
    return _done(request, _("%(person)s can log in again.") % {"person": person.email})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
@for_person
def remove(request: HttpRequest, person: Operator) -> HttpResponseBase:
    """Remove, for good."""
    if request.method != "POST":
        return TemplateResponse(request, "people/remove.html", {"person": person})
    try:
        services.remove(person, by=_by(request))
    except PersonRefused as refusal:
        return _refused(request, "people/remove.html", person, refusal)
    return _done(request, _("%(person)s is removed.") % {"person": person.email})


# No dialog: whoever did not show the password lately is led to its page and back.
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
@asked_again
@for_person
def reset_two_factor(request: HttpRequest, person: Operator) -> HttpResponseBase:
    template = "people/reset_two_factor.html"
    if request.method != "POST":
        return TemplateResponse(request, template, {"person": person})
    try:
        is_reset = services.reset_two_factor(person, by=_by(request))
    except PersonRefused as refusal:
        return _refused(request, template, person, refusal)
    told = {"person": person.email}
    if is_reset:
        return _done(request, _("%(person)s can log in with the password alone now.") % told)
    return _done(request, _("%(person)s has no two-factor.") % told)


def _by(request: HttpRequest) -> Operator:
    return cast("Operator", request.user)


def _refused(
    request: HttpRequest, template: str, person: Operator, refusal: PersonRefused
) -> TemplateResponse:
    context = {"person": person, "problem": str(refusal)}
    return TemplateResponse(request, template, context, status=409)


def _done(request: HttpRequest, message: str) -> HttpResponse:
    """The dialog closes and the list moves, or the list opens and says so."""
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "console:done", {"message": message})
    messages.success(request, message)
    return redirect("people:people")
