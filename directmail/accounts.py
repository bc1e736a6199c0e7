"""Who may log in. Operators are made by `manage.py create_operator`, never by a sign-up page."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from directmail.models import Operator


class OperatorAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with log-in and log-out only: no sign-up and none of its other pages."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Operator) -> HttpResponse:
        # allauth's own page for this has no address here.
        messages.error(request, "This account is switched off. Ask another operator.")
        return redirect("account_login")

    def is_safe_url(self, url: str | None) -> bool:
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # no URL at all
            return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Says nothing: each page shows who is logged in."""
