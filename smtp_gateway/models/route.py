"""Routes: which way mail leaves, as operators set them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RouteKind(models.TextChoices):
    """Where a route leads."""

    SMARTHOST = "smarthost", _("Smarthost")
    MX = "mx", _("Direct delivery")
    MAILBOX = "mailbox", _("Local mailbox")


class RouteSecurity(models.TextChoices):
    """How the connection to a smarthost is protected; the values of `next_hop.Security`."""

    WHEN_OFFERED = "when-offered", _("STARTTLS where it is offered")
    REQUIRED = "required", _("STARTTLS, required")
    IMPLICIT = "implicit", _("TLS from the start")
    NEVER = "never", _("No TLS")


class Route(models.Model):
    """One way for mail that matches; the first enabled one by position takes it."""

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=RouteKind)
    is_enabled = models.BooleanField(default=True)
    position = models.PositiveIntegerField()
    # What it takes; empty: everything. Domains, one a line, `*.example.com` for those below.
    mail_type = models.CharField(max_length=10, blank=True, default="")
    sender_domains = models.TextField(blank=True, default="")
    recipient_domains = models.TextField(blank=True, default="")
    # Of a smarthost.
    host = models.CharField(max_length=255, blank=True, default="")
    port = models.PositiveIntegerField(
        default=587, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    security = models.CharField(
        max_length=15, choices=RouteSecurity, default=RouteSecurity.WHEN_OFFERED
    )
    verify_tls = models.BooleanField(default=True)
    user = models.CharField(max_length=255, blank=True, default="")
    sealed_password = models.TextField(blank=True, default="")
    # Of everything that leaves. No source address: the system's choice.
    source_ipv4 = models.GenericIPAddressField(protocol="IPv4", null=True, blank=True)
    source_ipv6 = models.GenericIPAddressField(protocol="IPv6", null=True, blank=True)
    max_connections = models.PositiveIntegerField(default=10, validators=[MinValueValidator(1)])
    """To one destination, over all relays."""
    mails_per_connection = models.PositiveIntegerField(
        default=100, validators=[MinValueValidator(1)]
    )
    mails_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    """To one destination, over all relays; None: as many as it takes."""
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RouteKind.values), name="route_kind"),
            models.CheckConstraint(
                condition=~Q(kind="smarthost") | ~Q(host=""), name="route_smarthost_has_host"
            ),
        ]

    def __str__(self) -> str:
        return self.name
