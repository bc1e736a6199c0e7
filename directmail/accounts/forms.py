"""allauth's forms in our words; what they check is theirs, save where a method says more."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from directmail.accounts.login_name import login_name
from directmail.accounts.mfa_adapter import SealingMFAAdapter
from directmail.accounts.tasks import queue_password_reset
from directmail.audited import record_refused_log_in

PASSWORD_RULE = _("At least 12 characters; not one that many people use, and not your address.")
_CODE_ATTRS = {
    "autocomplete": "one-time-code",
    "autocapitalize": "none",
    "spellcheck": "false",
    "autofocus": True,
}


def password_field(label: Any, *, autocomplete: str, help_text: Any = "") -> forms.CharField:
    """Spaces at its ends are part of a password."""
    widget = forms.PasswordInput({"autocomplete": autocomplete, "spellcheck": "false"})
    return forms.CharField(label=label, strip=False, widget=widget, help_text=help_text)


def _name(form: forms.Form, **labels: Any) -> None:
    """Our labels, and no placeholder that repeats one."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class LogInForm(account.LoginForm):  # type: ignore[misc]
    """Address and password."""

    def clean_login(self) -> str:
        return login_name(self.cleaned_data["login"])


class ResetPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    """Asks for the mail; whether there is such an account is looked up by the worker."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, email=_("E-mail address"))

    def clean_email(self) -> str:
        return login_name(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        queue_password_reset(email)
        return email


class NewPasswordForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    """The password behind a mailed link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, password1=_("New password"), password2=_("New password, once more"))
        self.fields["password1"].help_text = PASSWORD_RULE


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """Former and new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(
            self,
            oldpassword=_("Current password"),
            password1=_("New password"),
            password2=_("New password, once more"),
        )
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = PASSWORD_RULE


class ConfirmPasswordForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something sensitive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, password=_("Password"))
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["autofocus"] = True


class _CodeOnce:
    """A code of an authenticator app counts once (RFC 6238 section 5.2).

    allauth forgets a used code after one period, and takes codes of the neighbouring ones too.
    """

    user: Any
    authenticator: Authenticator

    def clean_code(self) -> str:
        try:
            return self._checked_code()
        except ValidationError as error:
            # Whoever is asked for it has shown the password: its owner wants to know.
            if error.code != "too_many_login_attempts":
                record_refused_log_in(context.request, self.user.email, reason="code")
            raise

    def _checked_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not _is_first_use(
            self.user.pk, code
        ):
            raise ValidationError(
                _("This code was used already. Wait for the next one."), code="used"
            )
        return code


def _is_first_use(operator_id: int, code: str) -> bool:
    periods = 2 * settings.MFA_TOTP_TOLERANCE + 1
    key = f"directmail.totp_used.{operator_id}.{''.join(code.split())}"
    return bool(cache.add(key, 1, timeout=30 * periods))


class CodeForm(_CodeOnce, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code of the app, or a recovery code, at log-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, code=_("Code"))
        self.fields["code"].widget.attrs.update(_CODE_ATTRS)


class ConfirmCodeForm(_CodeOnce, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The same, before something sensitive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, code=_("Code"))
        self.fields["code"].widget.attrs.update(_CODE_ATTRS)


class ActivateTOTPForm(AllauthActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app proves that it has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, code=_("Code from the app"))
        self.fields["code"].widget.attrs.update(_CODE_ATTRS, inputmode="numeric")


class _Garbled:
    """What no browser sends is refused like what does not fit; allauth and fido2 raise of it."""

    def full_clean(self) -> None:
        try:
            super().full_clean()  # type: ignore[misc]
        except (AttributeError, KeyError, TypeError, ValueError):
            self.cleaned_data: dict[str, Any] = {}
            refusal = SealingMFAAdapter().validation_error("incorrect_code")
            self.add_error("credential", refusal)  # type: ignore[attr-defined]


class AddPasskeyForm(_Garbled, AddWebAuthnForm):  # type: ignore[misc]
    """What the browser made, under a name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, name=_("Name"))
        self.fields["name"].help_text = _("To tell it from others, as in “Laptop”.")
        self.fields["name"].max_length = 60


class PasskeyForm(_Garbled, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second step."""


class PasskeyLoginForm(_Garbled, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey as the whole log-in."""


class ConfirmPasskeyForm(_Garbled, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The same, before something sensitive."""


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label=_("Name"), max_length=60)
