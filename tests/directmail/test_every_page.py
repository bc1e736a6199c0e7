"""Every address of the console, walked by an admin in a world that has one of everything.

Whoever adds a page adds it to `tests/directmail/gates`, and it is walked here too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.directmail.accounts.acting import (
    add_app,
    add_passkey,
    add_recovery_codes,
    log_in,
    make_operator,
)
from tests.directmail.gates.table import PAGES
from tests.directmail.gates.world import PASSKEY, World, make_world
from tests.markup import faults_of_fragment, faults_of_page, scripts_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
# The mail itself, in a frame and a policy of its own: its markup is its sender's.
FOREIGN = {
    "mailbox/<queue_id:queue_id>/html/",
    "mail-log/<queue_id:queue_id>/contents/html/",
}
# The log-in is shown to those who are not logged in; a link that counts is used up by its page.
OF_VISITORS = [
    "login/",
    "verify/<str:token>/",
    "u/<str:token>",
    "invitation/<str:token>/",
    "account/password/forgotten/",
    "account/password/forgotten/sent/",
    "account/password/forgotten/done/",
    "account/password/forgotten/<uidb36>-<key>/",
]


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.TLS_CERT_FILE, settings.TLS_KEY_FILE = tmp_path / "c.pem", tmp_path / "k.pem"
    return make_world()


@pytest.fixture
def admin(client: Client) -> Client:
    """Logged in just now, so that visiting writes nothing and no page asks who it is."""
    operator = make_operator("admin@example.com", role="admin", last_seen_at=timezone.now())
    log_in(client, operator)
    add_recovery_codes(operator)
    add_passkey(operator, pk=PASSKEY)
    return client


def is_page(answer: Any) -> bool:
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return bool(is_html) and answer.status_code not in {302, 400, 405}


def pages(world: World, client: Client, **how: Any) -> Iterator[tuple[str, Any, str]]:
    """(route, answer, its text) of each address that answers with HTML of ours."""
    for route in PAGES:
        with transaction.atomic():
            answer = client.get(world.path(route), **how)
            if is_page(answer) and route not in FOREIGN:
                yield route, answer, body_of(answer)
            transaction.set_rollback(True)


def refused_forms(world: World, client: Client) -> Iterator[tuple[str, str]]:
    """What each form says of a submission without anything in it."""
    for route, gate in PAGES.items():
        if gate.act is None or gate.is_of_allauth:
            continue
        with transaction.atomic():
            answer = client.post(world.path(route), {})
            if is_page(answer):
                yield route, body_of(answer)
            transaction.set_rollback(True)


def body_of(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def test_every_page_is_sound_html(world: World, admin: Client) -> None:
    walked = {route: faults_of_page(text) for route, _, text in pages(world, admin)}
    assert {route: faults for route, faults in walked.items() if faults} == {}
    assert len(walked) > 20


def test_every_page_of_visitors_is_sound_html(world: World, client: Client) -> None:
    for route in OF_VISITORS:
        assert faults_of_page(body_of(client.get(world.path(route)))) == []


def test_every_fragment_is_sound_html(world: World, admin: Client) -> None:
    walked = {
        route: faults_of_fragment(text)
        for route, _, text in pages(world, admin, headers=HTMX)
        if "<html" not in text
    }
    assert {route: faults for route, faults in walked.items() if faults} == {}
    assert len(walked) > 20


def test_every_form_refuses_with_sound_html(world: World, admin: Client) -> None:
    walked = {route: faults_of_page(text) for route, text in refused_forms(world, admin)}
    assert {route: faults for route, faults in walked.items() if faults} == {}
    assert len(walked) >= 5


def test_every_answer_has_a_strict_policy(world: World, admin: Client) -> None:
    for route in PAGES:
        answer = admin.get(world.path(route))
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, route
        assert "*" not in policy, route
        assert ("sandbox" if route in FOREIGN else "script-src 'nonce-") in policy, route
        assert "unsafe" not in policy or route in FOREIGN, route
        body_of(answer)


def test_every_script_has_the_nonce_of_its_page(world: World, admin: Client) -> None:
    for route, answer, text in pages(world, admin):
        policy = answer.headers["Content-Security-Policy"]
        for script in scripts_of(text):
            assert f"'nonce-{script.get('nonce')}'" in policy, (route, script)


@pytest.mark.parametrize("path", ["/nothing/", "/mail-log/0000000000000000/"])
def test_what_is_not_there_is_said_in_sound_html(admin: Client, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404
    assert faults_of_page(answer.text) == []


def test_the_styleguide_is_sound_html(admin: Client, settings: Any) -> None:
    settings.DEBUG = True
    assert faults_of_page(admin.get("/styleguide/").text) == []


def test_the_steps_of_a_log_in_are_sound_html(client: Client) -> None:
    operator = make_operator()
    add_app(operator)
    add_passkey(operator, pk=PASSKEY)
    log_in(client, operator)
    assert faults_of_page(client.get("/account/two-factor/code/").text) == []
    client.force_login(operator)
    for path in ("/account/confirm/", "/account/two-factor/confirm/", "/account/passkeys/confirm/"):
        assert faults_of_page(client.get(path).text) == []
    assert faults_of_page(client.get("/account/").text) == []


@pytest.mark.parametrize(
    "fields", [{}, {"login": "a@example.com", "password": "wrong"}], ids=["nothing", "wrong"]
)
def test_a_refused_log_in_is_sound_html(client: Client, fields: dict[str, str]) -> None:
    assert faults_of_page(client.post("/login/", fields).text) == []


def test_where_two_factor_is_asked_for_first_is_sound_html(client: Client, settings: Any) -> None:
    settings.REQUIRE_TWO_FACTOR = "all"
    client.force_login(make_operator())
    assert faults_of_page(client.get("/account/two-factor/required/").text) == []
