"""The styleguide: there for those who build pages, and for nobody else."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from directmail.models import Operator

pytestmark = pytest.mark.django_db
COMPONENTS = sorted(
    path.stem for path in Path(settings.BASE_DIR, "templates", "components").glob("*.html")
)


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(Operator.objects.create_user("operator@example.com"))
    return client


def test_without_debug_there_is_no_styleguide(console: Client) -> None:
    assert console.get("/styleguide/").status_code == 404


def test_it_shows_both_themes(console: Client, settings) -> None:
    settings.DEBUG = True
    text = console.get("/styleguide/").text
    assert text.count('data-theme="light"') == text.count('data-theme="dark"') == 1


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_says_what_it_is_for(name: str) -> None:
    path = Path(settings.BASE_DIR, "templates", "components", f"{name}.html")
    assert re.search(r"^\{# .+ #\}", path.read_text(), re.MULTILINE)
