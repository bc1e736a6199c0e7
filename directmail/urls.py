"""Every page's address. Apps bring their own; the shell adds log-in, overview and health."""

from django.urls import include, path

from directmail import appearance, health, overview, static_files, styleguide
from senders.proofs import record_confirmation

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("health/check/", overview.check_now, name="check_health"),
    path("static/console.css", static_files.stylesheet, name="stylesheet"),
    path("theme/", appearance.choose_theme, name="choose_theme"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("healthz", health.healthz, name="healthz"),
    path("", include("directmail.accounts.urls")),
    path("", include("directmail.preferences.urls")),
    path("", include("directmail.invitations.urls")),
    path("", include("directmail.email_change.urls")),
    path("people/", include("directmail.people.urls")),
    path("", include("verification.urls"), {"tell": record_confirmation}),
    path("", include("senders.opting_out.urls")),
    path("", include("senders.urls")),
    path("", include("smtp_gateway.urls")),
]

handler403 = "directmail.error_pages.forbidden"
handler500 = "directmail.error_pages.server_error"
