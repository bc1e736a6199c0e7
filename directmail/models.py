"""Operators: the people who log in to the console."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from directmail.roles import Role, may, permissions_of

INVITATION_LIFETIME = timedelta(hours=48)
EMAIL_CHANGE_LIFETIME = timedelta(hours=24)


class OperatorManager(BaseUserManager["Operator"]):
    """Makes operators; the address is the log-in name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Operator":
        operator = self.model(email=email.strip().lower(), **fields)
        operator.set_password(password)
        operator.full_clean()
        operator.save(using=self._db)
        return operator

    def admins(self) -> models.QuerySet["Operator"]:
        """Those who can act as such."""
        return self.filter(role=Role.ADMIN, is_active=True)


class Operator(AbstractBaseUser):
    """One person with access to the console.

    The role alone answers what they may do: there are no groups and no permissions of one person.
    """

    email = models.EmailField("e-mail address", unique=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.OPERATOR)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    """To within a few minutes."""

    language = models.CharField(max_length=10, blank=True, default="")
    """A code of settings.LANGUAGES; empty: what the browser asks for."""
    time_zone = models.CharField(max_length=64, blank=True, default="")
    """A name of the IANA database; empty: settings.TIME_ZONE."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = OperatorManager()

    class Meta:
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="operator_role"),
        ]

    def __str__(self) -> str:
        return self.email

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether the role has `perm`, on any object."""
        return self.is_active and may(self.role, perm)

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the role has any permission of that app."""
        return self.is_active and any(
            permission.startswith(f"{app_label}.") for permission in permissions_of(self.role)
        )


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters on invitations; `now` always comes from the caller."""

    def open(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; expired ones can be sent again."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def acceptable(self, now: datetime) -> "InvitationQuerySet":
        """Those whose newest link still counts."""
        return self.open().filter(asked_at__gt=now - INVITATION_LIFETIME)

    def waiting_for_mail(self, now: datetime) -> "InvitationQuerySet":
        """Those whose mail has not been handed to the queue."""
        return self.acceptable(now).filter(mailed_at=None)


class Invitation(models.Model):
    """An account that somebody may make: `link_id` names the newest link, which alone counts."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role)
    invited_by = models.CharField(max_length=254)
    """The log-in name of the admin, who may be gone."""
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    """Of whoever asked for the newest mail; empty: the installation's."""
    link_id = models.CharField(max_length=32)
    asked_at = models.DateTimeField()
    """When the newest mail was asked for; its link is valid from then."""
    mailed_at = models.DateTimeField(null=True)
    """When it was handed to the queue."""
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="invitation_one_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @property
    def valid_until(self) -> datetime:
        """When the newest link ends to be valid."""
        return self.asked_at + INVITATION_LIFETIME


class EmailChangeQuerySet(models.QuerySet["EmailChange"]):
    """Filters on changes of address; `now` always comes from the caller."""

    def waiting_for_mail(self, now: datetime) -> "EmailChangeQuerySet":
        """Those whose mail has not been handed to the queue."""
        return self.filter(mailed_at=None, asked_at__gt=now - EMAIL_CHANGE_LIFETIME)


class EmailChange(models.Model):
    """The address that somebody's account is to have, until its owner has confirmed it.

    One for each account: `link_id` names the newest link, which alone counts.
    """

    operator = models.OneToOneField(Operator, on_delete=models.CASCADE, primary_key=True)
    email = models.EmailField(max_length=254)
    asked_by = models.CharField(max_length=254)
    """The log-in name of who asked: the person, or an admin."""
    asked_at = models.DateTimeField()
    """The newest link is valid from then."""
    language = models.CharField(max_length=10, blank=True, default="")
    """Of the mail; empty: the installation's."""
    link_id = models.CharField(max_length=32)
    mailed_at = models.DateTimeField(null=True)
    """When the mail was handed to the queue."""

    objects = EmailChangeQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.email} for {self.operator_id}"

    @property
    def valid_until(self) -> datetime:
        """When the newest link ends to be valid."""
        return self.asked_at + EMAIL_CHANGE_LIFETIME

    def is_taken(self) -> bool:
        """Whether somebody else has the address."""
        return Operator.objects.filter(email=self.email).exclude(pk=self.pk).exists()
