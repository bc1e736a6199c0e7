"""Who may log in. Operators are made by `manage.py create_operator`, never by a sign-up page."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class OperatorAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth without open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
