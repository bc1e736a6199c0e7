"""Which password was made at the first start, so that somebody can be told to set another one."""

import hashlib

from directmail.models import Operator
from smtp_gateway.findings import store, stored

_FINDING = "first-operator"


def note_generated(operator: Operator) -> None:
    """Remembers that its password was made, without keeping anything of use to anybody."""
    store({_FINDING: {"operator": operator.pk, "digest": _digest(operator)}})


def who_still_has_it() -> Operator | None:
    """The operator whose password is still the one that was printed at the first start."""
    finding = stored([_FINDING]).get(_FINDING)
    if finding is None:
        return None
    operator = Operator.objects.filter(pk=finding.value["operator"], is_active=True).first()
    is_the_same = operator is not None and _digest(operator) == finding.value["digest"]
    return operator if is_the_same else None


def _digest(operator: Operator) -> str:
    """Of the hash of the password: differs once another one is set."""
    return hashlib.sha256(operator.password.encode()).hexdigest()
