"""What a newcomer reads when everything is up."""

import re
from pathlib import Path
from typing import Any

from directmail.up.summary import summary
from tests.journeys.stack import BASE_DIR


def _lost_password(settings: Any, var_dir: Path) -> str:
    settings.VAR_DIR = var_dir
    text = summary(operator="me@example.com", password=None)
    found = re.search(r"^  Password .* lost: (.*)$", text, re.MULTILINE)
    assert found
    return found[1]


def test_a_lost_password_is_replaced_by_a_command_of_this_directory(settings: Any) -> None:
    assert _lost_password(settings, BASE_DIR / "var") == (
        ".venv/bin/python manage.py changepassword me@example.com"
    )


def test_a_directory_of_ones_own_is_part_of_the_command(settings: Any) -> None:
    command = _lost_password(settings, Path("/srv/my mail"))
    assert command.startswith("VAR_DIR='/srv/my mail' .venv/bin/python manage.py changepassword ")
