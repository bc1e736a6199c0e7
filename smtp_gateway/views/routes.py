"""The Routes page: which way mail leaves, in which order, and changing that."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)
from django_htmx.http import trigger_client_event

from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page, walk
from senders.listing.shown import Shown
from senders.seen import FIELD, ChangedMeanwhile, differing, mark_of
from smtp_gateway.models import Route
from smtp_gateway.routes import services
from smtp_gateway.routes.forms import RouteForm
from smtp_gateway.routes.loading import spec_of
from smtp_gateway.routes.reading import default_row, keeps_unverified, route_rows
from smtp_gateway.routes.route_list import COLUMNS, LISTING, fetch

RouteView = Callable[[HttpRequest, Route], HttpResponseBase]
_STEPS = {"up": -1, "down": 1}
_MOVED = {
    "up": gettext_lazy("The route %(name)s moved up."),
    "down": gettext_lazy("The route %(name)s moved down."),
}


def for_route(view: RouteView) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """Gives the view the route of the URL; 404 when there is none, or none any more."""

    @functools.wraps(view)
    def with_route(request: HttpRequest, pk: int) -> HttpResponseBase:
        try:
            return view(request, get_object_or_404(Route, pk=pk))
        except Route.DoesNotExist:
            raise Http404 from None

    return with_route


@require_safe
def route_list(request: HttpRequest) -> TemplateResponse:
    asked = Asked.of(LISTING, request.GET)
    every, default = route_rows(), default_row()
    found = page(asked.cursor, functools.partial(fetch, every, asked))
    context = {
        "list": Shown(asked, found),
        "rows": found.rows,
        "has_routes": bool(every),
        "default": default if found.below is None and not asked.is_filtered else None,
        "keeps_unverified": keeps_unverified([*every, default]),
    }
    return TemplateResponse(request, "smtp_gateway/routes.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The routes that the list finds, as CSV, without passwords."""
    asked = Asked.of(LISTING, request.GET)
    found = walk(asked.export_cursor, functools.partial(fetch, route_rows(), asked))
    return csv_response("routes", COLUMNS, found)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.change_route", raise_exception=True)
@never_cache
@sensitive_post_parameters("password")
def create_route(request: HttpRequest) -> HttpResponseBase:
    """Add Route."""
    form = RouteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            route = services.create_route(
                values=form.values,
                password=form.cleaned_data["password"],
                operator=request.user.get_username(),
            )
        except services.InvalidField as error:
            form.add_error(error.field, str(error))
        else:
            return _done(
                request, _("The route %(name)s is added, behind all others.") % {"name": route.name}
            )
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.change_route", raise_exception=True)
@never_cache
@sensitive_post_parameters("password")
@for_route
def change_route(request: HttpRequest, route: Route) -> HttpResponseBase:
    """Edit, all fields at once."""
    form = RouteForm(request.POST if request.method == "POST" else None, route=route)
    if form.is_valid():
        try:
            services.change_route(
                route,
                values=form.values,
                password=form.cleaned_data["password"],
                removes_password=form.cleaned_data["remove_password"],
                operator=request.user.get_username(),
                seen=request.POST.get(FIELD, ""),
            )
        except services.InvalidField as error:
            form.add_error(error.field, str(error))
        except ChangedMeanwhile:
            return _changed_meanwhile(request, form, route)
        else:
            return _done(request, _("The route %(name)s is saved.") % {"name": route.name})
    return _form(request, form, route)


@require_POST
@permission_required("smtp_gateway.change_route", raise_exception=True)
@for_route
def move_route(request: HttpRequest, route: Route) -> HttpResponseBase:
    """One place up or down."""
    direction = request.POST.get("direction", "")
    if direction not in _STEPS:
        return HttpResponse("direction is up or down", status=400, content_type="text/plain")
    operator = request.user.get_username()
    services.move_route(route, steps=_STEPS[direction], operator=operator)
    return _done(request, str(_MOVED[direction]) % {"name": route.name})


@require_POST
@permission_required("smtp_gateway.change_route", raise_exception=True)
@for_route
def enable_route(request: HttpRequest, route: Route) -> HttpResponseBase:
    services.set_enabled(route, is_enabled=True, operator=request.user.get_username())
    return _done(request, _("The route %(name)s is on.") % {"name": route.name})


@require_POST
@permission_required("smtp_gateway.change_route", raise_exception=True)
@for_route
def disable_route(request: HttpRequest, route: Route) -> HttpResponseBase:
    services.set_enabled(route, is_enabled=False, operator=request.user.get_username())
    return _done(request, _("The route %(name)s is off.") % {"name": route.name})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.change_route", raise_exception=True)
@for_route
def delete_route(request: HttpRequest, route: Route) -> HttpResponseBase:
    """Delete, for good."""
    if request.method != "POST":
        return TemplateResponse(request, "smtp_gateway/route_delete.html", {"route": route})
    services.delete_route(route, operator=request.user.get_username())
    return _done(request, _("The route %(name)s is deleted.") % {"name": route.name})


def _form(request: HttpRequest, form: RouteForm, route: Route | None) -> TemplateResponse:
    seen = request.POST.get(FIELD, "") if form.is_bound else mark_of(route) if route else ""
    return _page(request, form, route, {"seen": seen}, 422 if form.is_bound else 200)


def _changed_meanwhile(request: HttpRequest, form: RouteForm, route: Route) -> TemplateResponse:
    """The form as it was typed, beside what is there by now; to send it again is to know that."""
    route.refresh_from_db()
    changed = differing(form, RouteForm(route=route))
    return _page(request, form, route, {"seen": mark_of(route), "changed_meanwhile": changed}, 409)


def _page(
    request: HttpRequest, form: RouteForm, route: Route | None, more: dict[str, Any], status: int
) -> TemplateResponse:
    problem = spec_of(route).problem if route else ""
    context = {"changed_meanwhile": None, "form": form, "route": route, "problem": problem, **more}
    return TemplateResponse(request, "smtp_gateway/route_form.html", context, status=status)


def _done(request: HttpRequest, message: str) -> HttpResponse:
    """The list moves and says so, or opens and does."""
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "console:done", {"message": message})
    messages.success(request, message)
    return redirect("smtp_gateway:routes")
