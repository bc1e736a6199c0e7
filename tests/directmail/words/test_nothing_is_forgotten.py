"""Every page in a language that puts each text in brackets: what stands outside is unmarked."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from directmail.models import Operator
from tests.directmail.accounts.acting import (
    add_passkey,
    add_recovery_codes,
    log_in,
    make_operator,
)
from tests.directmail.gates.world import PASSKEY, World, make_world
from tests.directmail.test_every_page import OF_VISITORS, body_of, pages, refused_forms
from tests.directmail.words import pseudo
from tests.directmail.words.exempt import ROUTES as EXEMPT
from tests.directmail.words.unmarked import unmarked_texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path, in_brackets: None) -> World:
    settings.TLS_CERT_FILE, settings.TLS_KEY_FILE = tmp_path / "c.pem", tmp_path / "k.pem"
    with translation.override(pseudo.CODE):  # some names are given by default
        return make_world()


@pytest.fixture
def admin(client: Client, in_brackets: None) -> Operator:
    operator = make_operator(
        "admin@example.com", role="admin", language=pseudo.CODE, last_seen_at=timezone.now()
    )
    log_in(client, operator)
    add_recovery_codes(operator)
    add_passkey(operator, pk=PASSKEY)
    return operator


def forgotten_in(walked: dict[str, str]) -> dict[str, list[str]]:
    found = {route: unmarked_texts(text) for route, text in walked.items() if route not in EXEMPT}
    return {route: texts for route, texts in found.items() if texts}


def test_every_page_is_in_the_operators_language(
    world: World, admin: Operator, client: Client
) -> None:
    walked = {route: text for route, _, text in pages(world, client)}
    assert forgotten_in(walked) == {}
    assert len(walked) > 20


def test_every_refusal_is_in_the_operators_language(
    world: World, admin: Operator, client: Client
) -> None:
    assert forgotten_in(dict(refused_forms(world, client))) == {}


def test_every_page_of_visitors_is_in_their_browsers_language(world: World, client: Client) -> None:
    headers = {"Accept-Language": pseudo.CODE}
    walked = {
        route: body_of(client.get(world.path(route), headers=headers)) for route in OF_VISITORS
    }
    assert forgotten_in(walked) == {}


def test_what_is_not_there_is_said_in_the_operators_language(
    admin: Operator, client: Client
) -> None:
    assert unmarked_texts(client.get("/nothing/").text) == []


def test_an_unmarked_text_is_found_wherever_it_stands() -> None:
    html = (
        '<title>⟦Pages⟧</title><p title="A hint">⟦Marked ⟧<b>ann@example.com</b>⟦ too⟧'
        '<b>bold words</b> tail</p><code>to copy</code><input placeholder="⟦Name⟧">'
    )
    assert unmarked_texts(html) == ["bold words", " tail", "A hint"]


def test_what_is_put_into_a_text_has_its_own_brackets() -> None:
    assert pseudo.bracketed("%(who)s is an <b>admin</b>.") == "%(who)s⟦ is an ⟧<b>⟦admin⟧</b>⟦.⟧"
