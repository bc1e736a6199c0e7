"""What the audit log calls operators, and what it tells of their log-ins."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.urls import reverse

from directmail.models import Operator
from senders.audit.acting import Actor, ActorKind
from senders.audit.recording import Target, record
from senders.audit.requests import client_address


def target_of(operator: Operator) -> Target:
    return Target("operator", str(operator.pk), operator.email, reverse("people:people"))


def record_log_out(request: HttpRequest) -> None:
    """Before it is done, while the request still knows whose it is."""
    if isinstance(request.user, Operator):
        record(request, action="operator.logged_out", on=target_of(request.user))


def record_refused_log_in(request: HttpRequest, name: str, *, reason: str) -> None:
    """`name`: as typed; what is no address may be a password in the wrong field: it is not kept."""
    name = name.strip().lower()
    operator = Operator.objects.filter(email=name).first()
    tried = target_of(operator) if operator else Target("operator", label=_address(name))
    visitor = Actor(ActorKind.VISITOR, "", client_address(request))
    record(visitor, action="operator.log_in_refused", on=tried, after={"reason": reason})


def tried_name(credentials: dict[str, Any]) -> str:
    """The log-in name among what was typed."""
    return str(credentials.get("email") or credentials.get("username") or "")


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text
