"""Making operators; who they are stands in models.py."""

import logging
import secrets

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from directmail.accounts.login_name import login_name
from directmail.audited import target_of
from directmail.first_password import note_generated
from directmail.models import Operator
from directmail.roles import Role
from senders.audit.recording import record

log = logging.getLogger(__name__)


class OperatorRefused(ValueError):
    """The operator cannot be made; the text says why and what to do."""


def create_operator(*, email: str, password: str, role: str = "") -> Operator:
    """Raises OperatorRefused. `role`: empty: admin where there is none yet, else operator."""
    email = login_name(email)
    try:
        validate_password(password, Operator(email=email))
        with transaction.atomic():
            role = role or _first_role()
            operator = Operator.objects.create_user(email=email, password=password, role=role)
            record(action="operator.created", on=target_of(operator), after={"role": role})
    except ValidationError as error:
        raise OperatorRefused(_why(error, email)) from None
    except IntegrityError:
        raise OperatorRefused(_exists(email)) from None
    log.info("operator.created", extra={"email": email, "role": operator.role})
    return operator


def first_operator(*, email: str | None = None) -> tuple[str, str | None]:
    """The log-in to show, and a new random password if there was no operator at all."""
    existing = Operator.objects.filter(is_active=True).order_by("pk").first()
    if existing is not None:
        return existing.email, None
    password = secrets.token_urlsafe(15)
    operator = create_operator(email=email or settings.FIRST_OPERATOR_EMAIL, password=password)
    note_generated(operator)
    return operator.email, password


def _first_role() -> Role:
    return Role.OPERATOR if Operator.objects.admins().exists() else Role.ADMIN


def _why(error: ValidationError, email: str) -> str:
    codes = {problem.code for problem in _problems(error)}
    if "unique" in codes:
        return _exists(email)
    if "invalid" in codes:
        return f"{email} is not an e-mail address."
    return " ".join(error.messages)


def _problems(error: ValidationError) -> list[ValidationError]:
    if hasattr(error, "error_dict"):
        return [problem for problems in error.error_dict.values() for problem in problems]
    return list(error.error_list)


def _exists(email: str) -> str:
    return (
        f"There is an operator {email} already: "
        f"`manage.py changepassword {email}` sets another password."
    )
