"""How to mend what a check has found: a sentence, and the very command or setting."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

_START = _("Start it, or look into its log for why it stopped.")
_ROOM = _("Make room, or forget mail sooner; contents take the most.")
_CLOCKS = _("Have both machines set their clocks by NTP.")
_UPGRADE = _("Upgrade it.")

MENDING: dict[str, tuple[Words, str]] = {
    "check.never": (_("Start worker and beat; they look every minute."), "make up"),
    "check.old": (_("Start worker and beat; they look every minute."), "make up"),
    "check.slow": (_("Run all checks by hand where the worker runs."), "manage.py health"),
    "check.failed": (_("Look into the log of the worker."), "manage.py health"),
    "gateway.away": (_START, "systemctl restart directmail-gateway"),
    "gateway.not-ready": (
        _("It may just be starting; if it lasts, look into its log."),
        "systemctl status directmail-gateway",
    ),
    "gateway.database-away": (_("Look at DATABASE_URL and at PostgreSQL."), "manage.py health"),
    "inbound.away": (
        _("Start the gateway, and let connections to INBOUND_PORT through."),
        "systemctl restart directmail-gateway",
    ),
    "relay.silent": (_START, "systemctl restart directmail-relay"),
    "relay.none": (_START, "systemctl start directmail-relay"),
    "worker.late": (_START, "systemctl restart directmail-worker"),
    "worker.beat-late": (_START, "systemctl restart directmail-beat"),
    "worker.never": (_START, "systemctl start directmail-worker directmail-beat"),
    "worker.no-broker": (_("Look at REDIS_URL and at Redis."), "redis-cli ping"),
    "next-hop.none": (
        _("Name a mail server that takes your mail, or add a route."),
        "RELAY_URL=smtp://user:password@mail.example.com:587",
    ),
    "next-hop.partly": (_("Look at the reasons of failures, and test the route."), ""),
    "next-hop.failing": (
        _("Look at the reasons of failures, and test the route."),
        "manage.py list_routes",
    ),
    "next-hop.unreachable": (
        _("Check host and port of the route, the firewall, and that the server runs."),
        "manage.py list_routes",
    ),
    "standing.braked": (
        _("Find out where these recipients come from; then release the brake on Standing."),
        "",
    ),
    "standing.warned": (_("Find out where these recipients come from, on Standing."), ""),
    "domains.none": (
        _("Add your domain, and publish the records that its page shows."),
        "manage.py add_domain example.com",
    ),
    "domains.failing": (
        _("Publish the records again that its page shows as missing."),
        "manage.py check_domains",
    ),
    "domains.stopped": (
        _("Publish the records again that its page shows as missing, or remove the domain."),
        "manage.py check_domains",
    ),
    "one-click.not-https": (
        _("Put a proxy with a certificate in front, and name it."),
        "PUBLIC_URL=https://mail.example.com",
    ),
    "public-url.not-https": (
        _("Put a proxy with a certificate in front, and name it."),
        "PUBLIC_URL=https://mail.example.com",
    ),
    "public-url.unreachable": (
        _("Check DNS, proxy and firewall; links in mails lead there."),
        "curl -v %(url)s/healthz",
    ),
    "public-url.other": (_("Set it to the address of this console."), "curl -v %(url)s/healthz"),
    "certificate.self-signed": (
        _("Name a certificate that clients trust, and its key."),
        "TLS_CERT_FILE=/etc/ssl/mail/fullchain.pem TLS_KEY_FILE=/etc/ssl/mail/privkey.pem",
    ),
    "certificate.expiring": (
        _("Renew it, then have the gateway take it in."),
        "systemctl reload directmail-gateway",
    ),
    "certificate.expired": (
        _("Renew it, then have the gateway take it in."),
        "systemctl reload directmail-gateway",
    ),
    "certificate.unreadable": (
        _("Name a certificate and its key that the worker may read."),
        "TLS_CERT_FILE=/etc/ssl/mail/fullchain.pem TLS_KEY_FILE=/etc/ssl/mail/privkey.pem",
    ),
    "disk.low": (_ROOM, "MAIL_CONTENT_DAYS=3"),
    "disk.away": (_("Mount it, and let the worker read it."), "ls -ld %(path)s"),
    "database-disk.low": (_ROOM, "MAIL_CONTENT_DAYS=3"),
    "migrations.missing": (_("Apply them."), "manage.py migrate"),
    "postgresql.away": (_("Look at DATABASE_URL and at PostgreSQL."), "pg_isready"),
    "postgresql.old": (_UPGRADE, "SELECT version()"),
    "redis.old": (_UPGRADE, "redis-cli info server"),
    "redis.away": (_("Look at REDIS_URL and at Redis."), "redis-cli ping"),
    "python.old": (_UPGRADE, "python --version"),
    "clock.off": (_CLOCKS, "timedatectl set-ntp true"),
    "redis-clock.off": (_CLOCKS, "timedatectl set-ntp true"),
    "secret-key.short": (
        _("Set another one, and keep the former in SECRET_KEY_FALLBACKS for a while."),
        "SECRET_KEY=$(openssl rand -base64 48)",
    ),
    "debug.on": (_("Take it out of the settings."), "DEBUG=false"),
    "first-operator.generated": (
        _("Set another one: under Account, logged in with it, or by the command."),
        "manage.py changepassword %(email)s",
    ),
    "throttle.off": (_("Take ACCOUNT_RATE_LIMITS out of the settings."), ""),
    "throttle.not-shared": (_("Keep the cache in the database, as it comes."), ""),
    "throttle.one-address": (
        _("If a proxy of yours sets X-Forwarded-For, believe it."),
        "TRUST_PROXY_HEADERS=true",
    ),
}
