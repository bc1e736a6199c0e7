"""What an admin does to the people of the console.

Each verb locks the rows of all admins, so that two who act at once cannot leave none.
"""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from directmail.audited import target_of
from directmail.models import Operator
from directmail.people.sessions import end_sessions
from directmail.people.two_factor import reset_factors
from directmail.roles import Role
from senders.audit.recording import Values, record

log = logging.getLogger(__name__)


class PersonRefused(ValueError):
    """It cannot be done to this person; the text says why and what to do."""


class PersonGone(Exception):
    """Somebody else removed the person meanwhile."""


def change_role(operator: Operator, *, role: str, by: Operator) -> None:
    """Takes effect with the person's next request. Raises PersonRefused, PersonGone."""
    with transaction.atomic():
        locked, admins = _lock(operator)
        if locked.role == role:
            return
        if role != Role.ADMIN:
            _refuse_oneself(locked, by)
            _refuse_last_admin(locked, admins)
        before, locked.role = locked.role, role
        locked.save(update_fields=["role"])
        _record("role_changed", locked, {"role": before}, {"role": role})
    operator.refresh_from_db()


def deactivate(operator: Operator, *, by: Operator) -> None:
    """Ends every session at once and lets nobody in. Raises PersonRefused, PersonGone."""
    with transaction.atomic():
        locked, admins = _lock(operator)
        _refuse_oneself(locked, by)
        _refuse_last_admin(locked, admins)
        if locked.is_active:
            locked.is_active = False
            locked.save(update_fields=["is_active"])
            end_sessions(locked)
            _record("deactivated", locked, {"state": "active"}, {"state": "deactivated"})
    operator.refresh_from_db()


def reactivate(operator: Operator) -> None:
    """Lets the person log in again, as what they were. Raises PersonGone."""
    with transaction.atomic():
        locked, _admins = _lock(operator)
        if not locked.is_active:
            locked.is_active = True
            locked.save(update_fields=["is_active"])
            _record("reactivated", locked, {"state": "deactivated"}, {"state": "active"})
    operator.refresh_from_db()


def remove(operator: Operator, *, by: Operator) -> None:
    """For good; what the person did stays in the audit log. Raises PersonRefused, PersonGone."""
    with transaction.atomic():
        locked, admins = _lock(operator)
        _refuse_oneself(locked, by)
        _refuse_last_admin(locked, admins)
        _record("removed", locked, {"role": locked.role}, {})
        end_sessions(locked)
        locked.delete()


def reset_two_factor(operator: Operator, *, by: Operator) -> bool:
    """For lost devices: the password lets the person in again; False: there was nothing to reset.

    Raises PersonRefused, PersonGone.
    """
    with transaction.atomic():
        locked, _admins = _lock(operator)
        _refuse_oneself(locked, by)
        return reset_factors(locked)


def _lock(operator: Operator) -> tuple[Operator, Sequence[Operator]]:
    """The person, and all who can act as admins."""
    wanted = Q(pk=operator.pk) | Q(role=Role.ADMIN)
    # In one order, so that nobody waits for each other.
    rows = list(Operator.objects.filter(wanted).order_by("pk").select_for_update())
    locked = next((row for row in rows if row.pk == operator.pk), None)
    if locked is None:
        raise PersonGone
    return locked, [row for row in rows if row.role == Role.ADMIN and row.is_active]


def _refuse_oneself(operator: Operator, by: Operator) -> None:
    if operator.pk == by.pk:
        raise PersonRefused(_("You cannot do this to yourself. Ask another admin."))


def _refuse_last_admin(operator: Operator, admins: Sequence[Operator]) -> None:
    if [admin.pk for admin in admins] == [operator.pk]:
        raise PersonRefused(
            _("This is the last admin. Make somebody else an admin first, then do this.")
        )


def _record(what: str, operator: Operator, before: Values, after: Values) -> None:
    record(action=f"operator.{what}", on=target_of(operator), before=before, after=after)
    log.info("operator.%s", what, extra={"email": operator.email})
