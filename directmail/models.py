"""Operators: the people who log in to the console."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from directmail.roles import Role, may, permissions_of


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
