"""Every setting, read from the environment (and `.env`), with its type and default.

docs/configuration.md explains each variable; a test holds the two together.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from directmail import named_servers, places
from directmail.environment import Environment
from directmail.logs import default_level, is_one_shot
from directmail.secure_context import can_have_passkeys

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment(strip_whitespace=True)
env.read_settings_file(BASE_DIR / ".env")

# --- Where things are -------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
VAR_DIR = Path(env.str("VAR_DIR", "var"))
VAR_DIR = VAR_DIR if VAR_DIR.is_absolute() else BASE_DIR / VAR_DIR

DATABASE_URL = named_servers.with_password(
    env.splittable_url("DATABASE_URL", ""), env.str("DATABASE_PASSWORD", "")
)
REDIS_URL = named_servers.redis(env.splittable_url("REDIS_URL", ""))
EMBEDDED_POSTGRES = not DATABASE_URL
EMBEDDED_REDIS = not REDIS_URL
DATABASE_URL = DATABASE_URL or places.embedded_database_url(VAR_DIR)
REDIS_URL = REDIS_URL or places.embedded_redis_url(VAR_DIR)

WEB_HOST = env.str("WEB_HOST", "127.0.0.1")
WEB_PORT = env.int("WEB_PORT", 8000)
PUBLIC_URL = env.splittable_url("PUBLIC_URL", f"http://localhost:{WEB_PORT}").rstrip("/")
SMTP_HOST = env.str("SMTP_HOST", "127.0.0.1")
SMTP_PORT = env.int("SMTP_PORT", 2525)
SMTPS_PORT = env.int("SMTPS_PORT", 4650)
GATEWAY_HEALTH_HOST = env.str("GATEWAY_HEALTH_HOST", "127.0.0.1")
GATEWAY_HEALTH_PORT = env.int("GATEWAY_HEALTH_PORT", 2580)
_smtp_name = env.str("SMTP_HOSTNAME", "")
SMTP_HOSTNAME = _smtp_name or places.host_name()
# What the console tells applications to connect to. A server that listens on loopback alone, and
# that nobody named, is reached by no other name.
SMTP_CLIENT_HOST = (
    "localhost"
    if SMTP_HOST in {"127.0.0.1", "::1", "localhost"} and not _smtp_name
    else SMTP_HOSTNAME
)
SMTP_CHECK_HOST = env.str("SMTP_CHECK_HOST", "") or SMTP_CLIENT_HOST

# --- Secrets ----------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY and EMBEDDED_POSTGRES:
    SECRET_KEY = places.secret_key(VAR_DIR)
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set: where DATABASE_URL names a server, set SECRET_KEY or "
        "SECRET_KEY_FILE to 50 or more random characters that all processes share."
    )
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# argon2id at OWASP's minimum: 30 ms and 19 MiB a verify, so a burst of log-ins stays bearable.
ARGON2_MEMORY_KIB = env.int("ARGON2_MEMORY_KIB", 19 * 1024)
ARGON2_TIME_COST = env.int("ARGON2_TIME_COST", 2)

# The operator that `up` makes where there is none yet.
FIRST_OPERATOR_EMAIL = env.str("FIRST_OPERATOR_EMAIL", "operator@directmail.local")

# --- Submission -------------------------------------------------------------------------------
TLS_CERT_FILE = env.str("TLS_CERT_FILE", "") or str(VAR_DIR / "tls" / "cert.pem")
TLS_KEY_FILE = env.str("TLS_KEY_FILE", "") or str(VAR_DIR / "tls" / "key.pem")
ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK = env.bool("ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK", False)
MAX_MESSAGE_BYTES = env.int("MAX_MESSAGE_BYTES", 15 * 1024 * 1024)
MAX_RECIPIENTS = env.int("MAX_RECIPIENTS", 100)
_HOUR_SECONDS, _DAY_SECONDS, _MONTH_HOURS = 3600, 24 * 3600, 30 * 24
# Connections, over all processes of a gateway.
SMTP_MAX_CONNECTIONS = env.int("SMTP_MAX_CONNECTIONS", 5_000)
SMTP_MAX_CONNECTIONS_PER_IP = env.int("SMTP_MAX_CONNECTIONS_PER_IP", 500)
SMTP_MAX_CONNECTIONS_PER_SENDER = env.int("SMTP_MAX_CONNECTIONS_PER_SENDER", 2_000)
# Loopback: programs of this machine, and proxies on it that don't say who is behind them.
SMTP_UNLIMITED_NETWORKS = env.networks("SMTP_UNLIMITED_NETWORKS", ["127.0.0.0/8", "::1/128"])
# Proxies that say who is behind them; nobody else is believed.
PROXY_PROTOCOL_FROM = env.networks("PROXY_PROTOCOL_FROM", [])
# One session.
SMTP_MAX_MAILS_PER_SESSION = env.int("SMTP_MAX_MAILS_PER_SESSION", 10_000)
SMTP_MAX_RECIPIENTS_PER_SESSION = env.int("SMTP_MAX_RECIPIENTS_PER_SESSION", 100_000)
# Of one sender to one recipient; 0: as many as come.
SAME_RECIPIENT_MAX_MAILS = env.int("SAME_RECIPIENT_MAX_MAILS", 50)
SAME_RECIPIENT_WINDOW = env.duration(
    "SAME_RECIPIENT_WINDOW_SECONDS", 300, unit="seconds", longest=_DAY_SECONDS
)
SMTP_MAX_COMMANDS_WITHOUT_MAIL = env.int("SMTP_MAX_COMMANDS_WITHOUT_MAIL", 100)
SMTP_MAX_ERRORS = env.int("SMTP_MAX_ERRORS", 20)
SMTP_COMMAND_TIMEOUT = env.duration(
    "SMTP_COMMAND_TIMEOUT_SECONDS", 300, unit="seconds", longest=_DAY_SECONDS
)
SMTP_DATA_TIMEOUT = env.duration(
    "SMTP_DATA_TIMEOUT_SECONDS", 180, unit="seconds", longest=_DAY_SECONDS
)
SMTP_DATA_TOTAL_TIMEOUT = env.duration(
    "SMTP_DATA_TOTAL_TIMEOUT_SECONDS", _HOUR_SECONDS, unit="seconds", longest=_DAY_SECONDS
)
SMTP_IDLE_TIMEOUT = env.duration(
    "SMTP_IDLE_TIMEOUT_SECONDS", 1800, unit="seconds", longest=_DAY_SECONDS
)
SMTP_HANDSHAKE_TIMEOUT = env.duration(
    "SMTP_HANDSHAKE_TIMEOUT_SECONDS", 30, unit="seconds", longest=_HOUR_SECONDS
)
# For each process: ten of the largest mails, and as much again as a few of them need in between.
SMTP_MAX_BUFFERED_BYTES = env.int("SMTP_MAX_BUFFERED_BYTES", 192 * 1024 * 1024)
# Log-ins.
SMTP_AUTH_MAX_FAILURES_PER_SESSION = env.int("SMTP_AUTH_MAX_FAILURES_PER_SESSION", 5)
SMTP_AUTH_MAX_FAILURES_PER_IP = env.int("SMTP_AUTH_MAX_FAILURES_PER_IP", 100)
SMTP_AUTH_MAX_FAILURES_PER_USER = env.int("SMTP_AUTH_MAX_FAILURES_PER_USER", 20)
SMTP_AUTH_FAILURE_WINDOW = env.duration(
    "SMTP_AUTH_FAILURE_WINDOW_SECONDS", 600, unit="seconds", longest=_DAY_SECONDS
)
SMTP_AUTH_THREADS = env.int("SMTP_AUTH_THREADS", 2)
SMTP_AUTH_MAX_WAITING = env.int("SMTP_AUTH_MAX_WAITING", 500)
SMTP_AUTH_TIMEOUT = env.duration(
    "SMTP_AUTH_TIMEOUT_SECONDS", 20, unit="seconds", longest=_HOUR_SECONDS
)
SMTP_AUTH_MEMORY = env.duration(
    "SMTP_AUTH_MEMORY_SECONDS", 300, unit="seconds", longest=_HOUR_SECONDS
)
# Of all SMTP sessions that the console shows: how many, and for how long.
SMTP_SESSIONS_KEPT = env.int("SMTP_SESSIONS_KEPT", 10_000)
SMTP_SESSION_LIFETIME = env.duration("SMTP_SESSION_DAYS", 30, unit="days", longest=3650)
# How the gateway runs.
_cores = len(os.sched_getaffinity(0))
# With PostgreSQL, the relay and the rest on the same cores, half as many workers make larger
# batches and leave more for the others: a quarter less CPU time a mail on two cores.
_own_cores = max(1, _cores // 2) if EMBEDDED_POSTGRES else _cores
GATEWAY_PROCESSES = env.int("GATEWAY_PROCESSES", _own_cores)
GATEWAY_DRAIN = env.duration("GATEWAY_DRAIN_SECONDS", 4, unit="seconds", longest=600)

# --- Mail that comes back ---------------------------------------------------------------------
# Bounces and complaints: docs/returns.md. 0: nothing listens, and envelopes stay as they are.
INBOUND_PORT = env.int("INBOUND_PORT", 0)
INBOUND_HOST = env.str("INBOUND_HOST", SMTP_HOST)
INBOUND_MAX_MESSAGE_BYTES = env.int("INBOUND_MAX_MESSAGE_BYTES", 1024 * 1024)
INBOUND_MAX_CONNECTIONS = env.int("INBOUND_MAX_CONNECTIONS", 500)
INBOUND_MAX_CONNECTIONS_PER_IP = env.int("INBOUND_MAX_CONNECTIONS_PER_IP", 20)
SIGN_RETURN_PATHS = env.bool("SIGN_RETURN_PATHS", bool(INBOUND_PORT))
# The raw reports; what was read of them is kept as long as the history of mail.
RETURNED_CONTENT_LIFETIME = env.duration("RETURNED_CONTENT_DAYS", 30, unit="days", longest=3650)

# --- Relay ------------------------------------------------------------------------------------
RELAY_URL = env.str("RELAY_URL", "")
RELAY_CONNECTIONS = env.int("RELAY_CONNECTIONS", 10)
# With what else a stop takes, less than the 15 s of the unit and the compose file.
RELAY_STOP = env.duration("RELAY_STOP_SECONDS", 10, unit="seconds", longest=900)
# With smtps:// or a required STARTTLS the next hop must prove its name; off for a private CA.
RELAY_VERIFY_TLS = env.bool("RELAY_VERIFY_TLS", True)
# Recipients that get no mail: docs/suppression.md.
SUPPRESSION_HARD_BOUNCE_TIME = env.duration_or_none(
    "SUPPRESSION_HARD_BOUNCE_DAYS", 0, unit="days", longest=3650
)
SUPPRESSION_COMPLAINT_SCOPE = env.choice(
    "SUPPRESSION_COMPLAINT_SCOPE", "mail_type", ["mail_type", "organisation"]
)
# Of whose mail a recipient gets no more who uses the link in one: docs/batch.md.
OPT_OUT_SCOPE = env.choice("OPT_OUT_SCOPE", "address", ["address", "mail_type"])
SUPPRESSION_SOFT_BOUNCES = env.int("SUPPRESSION_SOFT_BOUNCES", 3)
SUPPRESSION_SOFT_TIME = env.duration("SUPPRESSION_SOFT_DAYS", 7, unit="days", longest=365)
# Direct delivery. No servers: the system's. None: what they say of DNSSEC is believed where all of
# them are on this machine.
DNS_SERVERS: list[str] = env.list("DNS_SERVERS", [])
# What mail comes from, in the words of SPF; for sender domains to name.
SPF_MECHANISMS: list[str] = env.list("SPF_MECHANISMS", []) or [f"a:{SMTP_HOSTNAME}"]
DNS_TIMEOUT = env.duration("DNS_TIMEOUT_SECONDS", 5, unit="seconds", longest=60)
DNS_VALIDATES: bool | None = env.bool("DNS_VALIDATES", None)
MX_PORT = env.int("MX_PORT", 25)
ALLOW_UNVERIFIED_DOMAINS = env.bool("ALLOW_UNVERIFIED_DOMAINS", False)
RETRY_FIRST = {
    "trigger": env.duration(
        "TRIGGER_RETRY_FIRST_SECONDS", 60, unit="seconds", longest=_DAY_SECONDS
    ),
    "batch": env.duration("BATCH_RETRY_FIRST_SECONDS", 300, unit="seconds", longest=_DAY_SECONDS),
}
RETRY_MAX = {
    "trigger": env.duration(
        "TRIGGER_RETRY_MAX_SECONDS", 3600, unit="seconds", longest=_DAY_SECONDS
    ),
    "batch": env.duration(
        "BATCH_RETRY_MAX_SECONDS", 4 * 3600, unit="seconds", longest=_DAY_SECONDS
    ),
}
MAIL_LIFETIME = {
    "trigger": env.duration("TRIGGER_LIFETIME_HOURS", 24, unit="hours", longest=_MONTH_HOURS),
    "batch": env.duration("BATCH_LIFETIME_HOURS", 72, unit="hours", longest=_MONTH_HOURS),
}
# After so long the sender of a mail hears that it still waits; None: never.
DELAY_WARNING = env.duration_or_none("DELAY_WARNING_HOURS", 4, unit="hours", longest=_MONTH_HOURS)
# What is kept of mail that has ended, counted from its last delivery.
MAIL_CONTENT_LIFETIME = (
    env.duration_or_none("MAIL_CONTENT_DAYS", 7, unit="days", longest=3650) or timedelta()
)
MAIL_HISTORY_LIFETIME = env.duration("MAIL_HISTORY_DAYS", 90, unit="days", longest=3650)
MAILBOX_LIFETIME = env.duration("MAILBOX_DAYS", 30, unit="days", longest=3650)
# How long the audit log tells of a change.
AUDIT_LIFETIME = env.duration("AUDIT_DAYS", 365, unit="days", longest=3650)
# What was said to next hops; 0: nothing is kept.
RELAY_TRANSCRIPT_LIFETIME = (
    env.duration_or_none("RELAY_TRANSCRIPT_DAYS", 30, unit="days", longest=3650) or timedelta()
)
RELAY_TRANSCRIPTS_OF_RELAYED = env.bool("RELAY_TRANSCRIPTS_OF_RELAYED", True)
# Nobody reads what mails say, whatever their role; headers are no secret.
HIDE_MAIL_CONTENTS = env.bool("HIDE_MAIL_CONTENTS", False)
SYSTEM_MAIL_FROM = env.str("SYSTEM_MAIL_FROM", f"directmail@{SMTP_HOSTNAME}")

# --- Django -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "directmail",
    "smtp_gateway",
    "senders",
    "verification",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "directmail.middleware.only_utf_8",
    "django.middleware.security.SecurityMiddleware",
    "directmail.middleware.compressed",
    "directmail.static_files.VersionedFiles",
    "directmail.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "directmail.middleware.who_acts",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "directmail.preferences.middleware.apply_preferences",
    "directmail.accounts.last_seen.note_last_seen",
    "django_htmx.middleware.HtmxMiddleware",
    "directmail.live.live_parts",
    "directmail.middleware.htmx_fragments",
    "directmail.accounts.enforcement.require_two_factor",
]

ROOT_URLCONF = "directmail.urls"
WSGI_APPLICATION = "directmail.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"lucide": "senders.templatetags.icons"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "directmail.appearance.page",
            ],
        },
    }
]

DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 10)
# A one-shot command has no use for a pool, which would wait and warn where there is no database.
_pool_size = None if is_one_shot(sys.argv) else DATABASE_POOL_SIZE
DATABASES = {"default": named_servers.database(DATABASE_URL, pool_size=_pool_size)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, so that log-in throttling is shared by all web processes and needs no Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "directmail_cache",
        # Django's 300 would let a visitor push the counts out by log-ins under other names.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTH_USER_MODEL = "directmail.Operator"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_ADAPTER = "directmail.accounts.adapter.OperatorAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Operators are made by operators: their addresses need no proof before the first log-in.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "directmail.accounts.forms.LogInForm",
    "reset_password": "directmail.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "directmail.accounts.forms.NewPasswordForm",
    "change_password": "directmail.accounts.forms.ChangePasswordForm",
    "reauthenticate": "directmail.accounts.forms.ConfirmPasswordForm",
}
# A mail about each change of password or two-factor.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Nobody who is not known here gets a mail because somebody typed an address.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
PASSWORD_RESET_TIMEOUT = _HOUR_SECONDS
# Two-factor.
REQUIRE_TWO_FACTOR = env.choice("REQUIRE_TWO_FACTOR", "off", ["off", "admins", "all"])
MFA_ADAPTER = "directmail.accounts.mfa_adapter.SealingMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
if can_have_passkeys(urlsplit(PUBLIC_URL)):
    MFA_SUPPORTED_TYPES.append("webauthn")
MFA_FORMS = {
    "authenticate": "directmail.accounts.forms.CodeForm",
    "reauthenticate": "directmail.accounts.forms.ConfirmCodeForm",
    "activate_totp": "directmail.accounts.forms.ActivateTOTPForm",
    "add_webauthn": "directmail.accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "directmail.accounts.forms.PasskeyForm",
    "login_webauthn": "directmail.accounts.forms.PasskeyLoginForm",
    "reauthenticate_webauthn": "directmail.accounts.forms.ConfirmPasskeyForm",
    "edit_webauthn": "directmail.accounts.forms.RenamePasskeyForm",
}
MFA_TOTP_ISSUER = "DirectMail"
# RFC 6238 section 5.2: one step for clocks and fingers.
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
# Sessions.
SESSION_COOKIE_AGE = int(
    env.duration("SESSION_DAYS", 14, unit="days", longest=3650).total_seconds()
)

EMAIL_BACKEND = "smtp_gateway.mail_backend.QueueBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = SYSTEM_MAIL_FROM

LANGUAGE_CODE = "en"
# Each by its own name.
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are served from where they lie: nothing to collect before the first start.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "directmail.static_files.VersionedStorage"},
}

# --- Web security -----------------------------------------------------------------------------
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [
    *{_public.hostname or "localhost", "localhost", "127.0.0.1"},
    *env.list("ALLOWED_HOSTS", []),
]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SECURE_HSTS_SECONDS = 31_536_000 if _public.scheme == "https" else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the console frames its own sandboxed message view
if env.bool("TRUST_PROXY_HEADERS", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Log-in throttling counts per client, so it must not take the proxy for one.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for sub-domains binds hosts that are not ours
    "security.W008",  # the proxy in front redirects; health checks come in by plain HTTP
    "security.W019",  # X_FRAME_OPTIONS: see there
    "security.W021",  # being on the browsers' preload list is the domain owner's choice
]

# --- Celery -----------------------------------------------------------------------------------
CELERY_BROKER_URL = named_servers.celery_broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # A request whose task was lost (Redis away or emptied) is sent all the same.
    "send-waiting-verification-mails": {
        "task": "verification.tasks.send_waiting_mails",
        "schedule": 20,
        "options": {"expires": 20},
    },
    "check-due-domains": {
        "task": "senders.domains.tasks.check_due_domains",
        "schedule": 30,
        "options": {"expires": 30},
    },
    # What recorded outcomes have made due; a few seconds gather what belongs into one report.
    "make-due-reports": {
        "task": "smtp_gateway.tasks.make_due_reports",
        "schedule": 20,
        "options": {"expires": 20},
    },
    # A second mail to a mailbox that does not exist is to be refused at the door.
    "suppress-failed-recipients": {
        "task": "smtp_gateway.tasks.suppress_failed_recipients",
        "schedule": 2,
        "options": {"expires": 2},
    },
    "end-suppressions": {
        "task": "senders.tasks.end_suppressions",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "read-returned-mail": {
        "task": "smtp_gateway.tasks.read_returned_mail",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "forget-returned-mail": {
        "task": "smtp_gateway.tasks.forget_returned_mail",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "find-delayed-mail": {
        "task": "smtp_gateway.tasks.find_delayed_mail",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # That it is done proves that beat and worker are alive.
    "note-heartbeat": {
        "task": "directmail.tasks.note_heartbeat",
        "schedule": 10,
        "options": {"expires": 30},
    },
    "check-health": {
        "task": "directmail.tasks.check_health",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "look-for-bulk": {
        "task": "smtp_gateway.tasks.look_for_bulk",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "tend-quotas": {
        "task": "smtp_gateway.tasks.tend_quotas",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "survey-queue": {
        "task": "smtp_gateway.tasks.survey_queue",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # The overview counts the rest itself: the less, the quicker it is.
    "roll-up-counts": {
        "task": "smtp_gateway.tasks.roll_up_counts",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "watch-standings": {
        "task": "smtp_gateway.tasks.watch_standings",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "send-due-alarms": {
        "task": "directmail.alarms.tasks.send_due_alarms",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget-old-counts": {
        "task": "smtp_gateway.tasks.forget_old_counts",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    # What leaves the mailbox gives its content free for the next hour's walk.
    "empty-mailbox": {
        "task": "smtp_gateway.tasks.empty_mailbox",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "forget-contents": {
        "task": "smtp_gateway.tasks.forget_contents",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "forget-history": {
        "task": "smtp_gateway.tasks.forget_history",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "forget-relay-transcripts": {
        "task": "smtp_gateway.tasks.forget_relay_transcripts",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "prune-smtp-sessions": {
        "task": "smtp_gateway.tasks.prune_smtp_sessions",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "reseal-dkim-keys": {
        "task": "senders.tasks.reseal_dkim_keys",
        "schedule": 24 * 3600,
        "options": {"expires": 24 * 3600},
    },
    "reseal-two-factor": {
        "task": "directmail.accounts.tasks.reseal_two_factor",
        "schedule": 24 * 3600,
        "options": {"expires": 24 * 3600},
    },
    # An invitation whose task was lost is sent all the same.
    "send-waiting-invitations": {
        "task": "directmail.invitations.tasks.send_waiting_invitations",
        "schedule": 20,
        "options": {"expires": 20},
    },
    # Likewise the link that confirms another address of an account.
    "send-waiting-email-changes": {
        "task": "directmail.email_change.tasks.send_waiting_email_changes",
        "schedule": 20,
        "options": {"expires": 20},
    },
    "reseal-route-passwords": {
        "task": "smtp_gateway.tasks.reseal_route_passwords",
        "schedule": 24 * 3600,
        "options": {"expires": 24 * 3600},
    },
    "forget-audit-entries": {
        "task": "senders.tasks.forget_audit_entries",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "forget-ended-credentials": {
        "task": "senders.tasks.forget_ended_credentials",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "purge-unused-verifications": {
        "task": "senders.tasks.purge_unused_verifications",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
}

# --- Logs -------------------------------------------------------------------------------------
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mail_context": {"()": "smtp_gateway.log_context.MailContextFilter"}},
    "formatters": {
        "plain": {"()": "directmail.logs.PlainFormatter"},
        "json": {"()": "directmail.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.choice("LOG_FORMAT", "plain", ["plain", "json"]),
            "filters": ["mail_context"],
        }
    },
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", default_level(sys.argv), _LOG_LEVELS),
    },
    "loggers": {
        # aiosmtpd logs every command, AUTH among them.
        "mail.log": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
    },
}
