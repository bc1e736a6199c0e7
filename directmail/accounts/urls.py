"""Log-in and account. Names without a prefix are those by which allauth finds its pages."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from directmail.accounts import views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("account/", views.account_security, name="account_security"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    # Where allauth sends whoever has no password.
    path("account/password/set/", views.no_password, name="account_set_password"),
    path("account/password/forgotten/", account.password_reset, name="account_reset_password"),
    path(
        "account/password/forgotten/sent/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "account/password/forgotten/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/sessions/end-others/", views.end_other_sessions, name="account_end_others"),
    path("account/sessions/<int:pk>/end/", views.end_session, name="account_end_session"),
    path("account/two-factor/", views.two_factor, name="mfa_index"),
    path(
        "account/two-factor/required/",
        views.two_factor_required,
        name="account_two_factor_required",
    ),
    path("account/two-factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("account/two-factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/two-factor/app/add/", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("account/two-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(
        "account/recovery-codes/",
        never_cache(codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        never_cache(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/download/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("login/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("account/passkeys/", views.passkeys, name="mfa_list_webauthn"),
    path("account/passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path(
        "account/passkeys/confirm/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/passkeys/<int:pk>/rename/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
]
