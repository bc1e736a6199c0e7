"""What allauth does differently here: no sign-up, links to PUBLIC_URL, notices in our words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directmail.accounts import notices
from directmail.accounts.known_device import device_of, remember_device
from directmail.audited import record_log_out, record_refused_log_in, target_of, tried_name
from directmail.models import Operator
from senders.audit.recording import record


class OperatorAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's account pages for people who were invited."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "E-mail address or password is wrong. Check both, or choose “Forgot your password?”."
        ),
        "too_many_login_attempts": _(
            "Too many failed attempts. Wait five minutes, then try again, or choose “Forgot your"
            " password?” now."
        ),
        "rate_limited": _("Too many attempts. Wait a few minutes, then try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Operator) -> HttpResponse:
        # allauth's own page for this has no address here.
        record_refused_log_in(request, user.email, reason="deactivated")
        messages.error(request, gettext("This account is switched off. Ask another operator."))
        return redirect("account_login")

    def is_safe_url(self, url: str | None) -> bool:
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # no URL at all
            return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("account_security")

    def post_login(self, request: HttpRequest, user: Operator, **kwargs: Any) -> HttpResponse:
        """A log-in of this minute is as good as being asked for the password once more."""
        records = get_authentication_records(request, user)
        method = records[-1]["method"] if records else "session"
        record_authentication(request, user, method=method, reauthenticated=True)
        record(
            action="operator.logged_in",
            on=target_of(user),
            after={"with": " + ".join(_factor(each) for each in records)},
        )
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_device(request, response, user.email)
        return response

    def logout(self, request: HttpRequest) -> None:
        record_log_out(request)
        super().logout(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By what failed attempts are counted: the name, and the browser where it is known."""
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        device = device_of(request, credentials.get("email", ""))
        return f"{key}:{device}" if device else key

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_refused_log_in(request, tried_name(credentials), reason="password")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Operator,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """allauth calls this once for each change of an account, whoever made it."""
        notices.tell(
            user,
            change=template_prefix,
            ip=self.get_client_ip(self.request),
            user_agent=self.get_http_user_agent(self.request),
        )


def _factor(record_of_allauth: dict[str, Any]) -> str:
    """What the person showed: a stable code."""
    if record_of_allauth.get("passwordless"):
        return "passkey"
    return str(record_of_allauth.get("type", record_of_allauth["method"]))
