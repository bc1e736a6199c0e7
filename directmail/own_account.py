"""Whose page this is, and the way back to its sections."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url

from directmail.models import Operator


def operator_of(request: HttpRequest) -> Operator:
    """Who is logged in. Raises PermissionDenied."""
    if not isinstance(request.user, Operator):
        raise PermissionDenied
    return request.user


def to_section(name: str) -> HttpResponseRedirect:
    """The account page, there."""
    return HttpResponseRedirect(f"{resolve_url('account_security')}#{name}")
