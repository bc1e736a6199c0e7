"""What lets somebody in again whose devices and recovery codes are lost."""

from django.db import transaction

from directmail.accounts.factors import forget_factors
from directmail.accounts.notices import tell_of_reset
from directmail.models import Operator
from directmail.people.sessions import end_sessions


def reset_factors(operator: Operator) -> bool:
    """Removes all of them, ends every session and tells its owner; False: there were none."""
    with transaction.atomic():
        if not forget_factors(operator):
            return False
        # Whoever has the lost device may be logged in on it.
        end_sessions(operator)
        tell_of_reset(operator)
    return True
