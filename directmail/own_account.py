"""Whose page this is, the way back to its sections, and being asked once more who one is."""

from collections.abc import Callable
from typing import cast

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from directmail.models import Operator

View = Callable[..., HttpResponseBase]


def operator_of(request: HttpRequest) -> Operator:
    """Who is logged in. Raises PermissionDenied."""
    if not isinstance(request.user, Operator):
        raise PermissionDenied
    return request.user


def to_section(name: str) -> HttpResponseRedirect:
    """The account page, there."""
    return HttpResponseRedirect(f"{resolve_url('account_security')}#{name}")


def asked_again(view: View) -> View:
    """Whoever has not shown the password within the last minutes is asked for it first."""
    return cast("View", reauthentication_required(view))
