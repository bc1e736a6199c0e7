"""What the People page shows of each person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Case, IntegerField, Value, When

from directmail.audited import target_of
from directmail.models import Operator
from directmail.roles import Role
from senders.audit.history import history_url

_AUTHENTICATOR = ("mfa", "Authenticator")
_RECOVERY_CODES = "recovery_codes"
_RANK = {Role.ADMIN: 0, Role.OPERATOR: 1, Role.VIEWER: 2}


@dataclass(frozen=True, slots=True)
class Person:
    """One row."""

    operator: Operator
    has_two_factor: bool
    is_last_admin: bool

    @property
    def history_url(self) -> str:
        """What others did to the person, and when the person logged in."""
        return history_url(target_of(self.operator))


def people() -> Sequence[Person]:
    """Those who can log in first, admins before others, by address."""
    whens = [When(role=role, then=Value(rank)) for role, rank in _RANK.items()]
    rank = Case(*whens, output_field=IntegerField())
    rows = list(Operator.objects.annotate(rank=rank).order_by("-is_active", "rank", "email"))
    guarded = _with_two_factor()
    admins = [row.pk for row in rows if row.role == Role.ADMIN and row.is_active]
    return [Person(row, row.pk in guarded, admins == [row.pk]) for row in rows]


def _with_two_factor() -> set[int]:
    """Ids of those who prove more than a password. Recovery codes alone are no second factor."""
    if not apps.is_installed("allauth.mfa"):
        return set()
    rows = apps.get_model(*_AUTHENTICATOR).objects.exclude(type=_RECOVERY_CODES)
    return set(rows.values_list("user_id", flat=True))
