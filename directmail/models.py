"""Operators: the people who log in to the console."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class OperatorManager(BaseUserManager["Operator"]):
    """Makes operators; the address is the log-in name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Operator":
        operator = self.model(email=email.strip().lower(), **fields)
        operator.set_password(password)
        operator.full_clean()
        operator.save(using=self._db)
        return operator


class Operator(AbstractBaseUser, PermissionsMixin):
    """One person with access to the console."""

    email = models.EmailField("e-mail address", unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = OperatorManager()

    def __str__(self) -> str:
        return self.email
