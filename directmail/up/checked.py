"""The system checks, as the one sentence that `up` says."""

from django.core import checks

from directmail.up.errors import CannotStart


def refuse_bad_settings() -> None:
    """Raises CannotStart for the first error of `manage.py check`."""
    for problem in checks.run_checks():
        if problem.is_serious():
            hint = f" {problem.hint}" if problem.hint else ""
            raise CannotStart(f"{problem.msg}{hint} ({problem.id})")
