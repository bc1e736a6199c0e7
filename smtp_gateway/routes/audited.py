"""What the audit log is told of routes: fields as operators know them, and never a password."""

from django.forms.models import model_to_dict
from django.urls import reverse

from senders.audit.recording import CHANGED, NOT_SET, SET, Target, Values, record
from smtp_gateway.models import Route

_NOT_TOLD = {"id", "sealed_password", "changed_at"}


def target_of(route: Route) -> Target:
    return Target("route", str(route.pk), route.name, reverse("smtp_gateway:routes"))


def facts_of(route: Route) -> dict[str, object]:
    facts = model_to_dict(route, exclude=_NOT_TOLD)
    return {**facts, "password": SET if route.sealed_password else NOT_SET}


def facts_of_new(route: Route) -> dict[str, object]:
    """Only what is not as in any new route."""
    blank = facts_of(Route())
    return {name: value for name, value in facts_of(route).items() if value != blank[name]}


def record_change(
    change: str, route: Route, before: Values, *, is_password_changed: bool = False
) -> list[str]:
    """Writes down what `route` is now and was before; the names of the fields that changed."""
    after = facts_of(route)
    if is_password_changed and before["password"] == after["password"] == SET:
        after["password"] = CHANGED
    entry = record(action=f"route.{change}", on=target_of(route), before=before, after=after)
    return [*entry.after]
