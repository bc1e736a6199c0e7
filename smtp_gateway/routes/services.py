"""What an operator does to routes; each change leaves a line in the log, without secrets.

A password comes in, is sealed at once, and never goes out again but to the next hop.
"""

import logging
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from senders.audit.recording import record
from senders.sealing import seal
from senders.seen import ensure_seen, mark_of
from smtp_gateway.models import Route, RouteKind
from smtp_gateway.routes.audited import facts_of, facts_of_new, record_change, target_of

NAME_EXISTS = _("There is a route of this name already.")
PASSWORD_IS_FOR_ANOTHER = _(
    "The password that is set is for another host, port or user. Type the new one, or remove it."
)
_WHO_GETS_THE_PASSWORD = ("host", "port", "user")
OF_A_SMARTHOST = ("host", "port", "security", "verify_tls", "user")
OF_WHAT_LEAVES = (
    "source_ipv4", "source_ipv6", "max_connections", "mails_per_connection", "mails_per_minute",
)  # fmt: skip

Values = Mapping[str, object]

log = logging.getLogger(__name__)


class InvalidField(ValueError):
    """One value cannot be taken; `field` names it, the text says why and what to do."""

    def __init__(self, field: str, text: Promise) -> None:
        super().__init__(text)
        self.field = field


def create_route(*, values: Values, password: str, operator: str) -> Route:
    """A new route behind all others. `values`: fields of the row. Raises InvalidField."""
    route = Route(**_cleared(values))
    _set_password(route, [], password, removes=False)
    with transaction.atomic():
        last = Route.objects.aggregate(last=Max("position"))["last"]
        route.position = 1 if last is None else last + 1
        _save(route)
        facts = facts_of_new(route)
        record(action="route.created", on=target_of(route), after=facts)
    _note(route, operator, "created", [*facts])
    return route


def change_route(
    route: Route,
    *,
    values: Values,
    password: str,
    removes_password: bool,
    operator: str,
    seen: str = "",
) -> None:
    """Sets `values`. An empty password keeps the one that is set.

    `seen`: the mark of what the operator had before him. Raises InvalidField, ChangedMeanwhile.
    """
    with transaction.atomic():
        locked = Route.objects.select_for_update().get(pk=route.pk)
        ensure_seen(mark_of(locked), seen)
        before = facts_of(locked)
        new = _cleared(values)
        changed = [name for name, value in new.items() if getattr(locked, name) != value]
        for name in changed:
            setattr(locked, name, new[name])
        is_password_changed = _set_password(locked, changed, password, removes=removes_password)
        if not changed and not is_password_changed:
            return
        _save(locked)
        names = record_change("changed", locked, before, is_password_changed=is_password_changed)
    route.refresh_from_db()
    _note(route, operator, "changed", names)


def set_enabled(route: Route, *, is_enabled: bool, operator: str) -> None:
    """Switches the route on or off."""
    change = "enabled" if is_enabled else "disabled"
    with transaction.atomic():
        changed = Route.objects.filter(pk=route.pk, is_enabled=not is_enabled).update(
            is_enabled=is_enabled, changed_at=timezone.now()
        )
        if changed:
            record(
                action=f"route.{change}",
                on=target_of(route),
                before={"is_enabled": not is_enabled},
                after={"is_enabled": is_enabled},
            )
    route.refresh_from_db()
    if changed:
        _note(route, operator, change, ["is_enabled"])


def move_route(route: Route, *, steps: int, operator: str) -> None:
    """Moves the route towards the end by `steps`, or towards the beginning where negative.

    Raises Route.DoesNotExist, as all of these do for a route that somebody else deleted.
    """
    with transaction.atomic():
        # Locked by id and not in their order, which another move may be changing: no deadlock.
        rows = list(Route.objects.select_for_update().order_by("id"))
        order = [row.pk for row in sorted(rows, key=lambda row: (row.position, row.pk))]
        if route.pk not in order:
            raise Route.DoesNotExist
        before = order.index(route.pk)
        after = max(0, min(before + steps, len(order) - 1))
        order.insert(after, order.pop(before))
        _number(rows, order)
        if after != before:
            places = {"position": before + 1}, {"position": after + 1}
            record(action="route.moved", on=target_of(route), before=places[0], after=places[1])
    route.refresh_from_db()
    if after != before:
        _note(route, operator, "moved", ["position"])


def delete_route(route: Route, *, operator: str) -> None:
    """Its mail takes the next route that matches."""
    target = target_of(route)
    with transaction.atomic():
        locked = Route.objects.select_for_update().get(pk=route.pk)
        record(action="route.deleted", on=target, before=facts_of_new(locked))
        locked.delete()
    _note(route, operator, "deleted", [])


def _number(rows: Sequence[Route], order: Sequence[int]) -> None:
    """Positions from 1 in that order; only rows that move are written."""
    for row in rows:
        if row.position != (position := order.index(row.pk) + 1):
            row.position = position
            row.save(update_fields=["position", "changed_at"])


def _cleared(values: Values) -> dict[str, object]:
    """`values` with defaults for what its kind of route has no use for."""
    unused: tuple[str, ...] = ()
    if values["kind"] != RouteKind.SMARTHOST:
        unused += OF_A_SMARTHOST
    if values["kind"] == RouteKind.MAILBOX:
        unused += OF_WHAT_LEAVES
    blank = Route()
    return {**values, **{name: getattr(blank, name) for name in unused}}


def _set_password(route: Route, changed: Sequence[str], password: str, *, removes: bool) -> bool:
    """Whether it is another than before. Raises InvalidField."""
    before = route.sealed_password
    if password and route.kind == RouteKind.SMARTHOST:
        if not route.user:
            raise InvalidField("user", _("Enter the user name that the password is for."))
        route.sealed_password = seal(password.encode())
    elif removes or not route.user:
        route.sealed_password = ""
    elif before and set(changed) & set(_WHO_GETS_THE_PASSWORD):
        # Else who may change a route could have the password, which nobody sees, sent to himself.
        raise InvalidField("password", PASSWORD_IS_FOR_ANOTHER)
    if route.user and not route.sealed_password:
        raise InvalidField("password", _("Enter the password of this user, or leave both empty."))
    return route.sealed_password != before


def _save(route: Route) -> None:
    """Raises InvalidField."""
    try:
        with transaction.atomic():
            route.save()
    except IntegrityError:
        raise InvalidField("name", NAME_EXISTS) from None


def _note(route: Route, operator: str, change: str, fields: Sequence[str]) -> None:
    """The line of the log: names of fields, and no value."""
    log.info(
        "route.changed",
        extra={
            "operator": operator,
            "route": route.name,
            "change": change,
            "fields": ",".join(fields),
        },
    )
