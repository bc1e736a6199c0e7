"""Every page, asked for in every way by every role: what is not theirs is refused and undone."""

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from directmail.models import Operator
from directmail.roles import OF_ADMINS, Role, may
from tests.directmail.accounts.acting import add_app, add_passkey, add_recovery_codes
from tests.directmail.gates.table import EVERYBODY, OPEN, PAGES, ROLES, Gate
from tests.directmail.gates.world import PASSKEY, World, all_routes, make_world, rows_written

pytestmark = pytest.mark.django_db
READING, ACTING = ("GET", "HEAD"), ("POST", "PUT", "PATCH", "DELETE")


def test_every_page_says_in_the_table_who_may_do_what() -> None:
    assert sorted(all_routes()) == sorted(PAGES)


def test_the_roles_are_those_of_the_table() -> None:
    for role, gates in ROLES.items():
        assert {each for each in OF_ADMINS if may(role, each)} == gates - {EVERYBODY}
    assert set(ROLES) == set(Role.values)


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_each_page_is_for_those_of_the_table(
    role: str, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.TLS_CERT_FILE, settings.TLS_KEY_FILE = tmp_path / "c.pem", tmp_path / "k.pem"
    world = make_world()
    if role != "nobody":
        email, now = f"{role}@example.com", timezone.now()
        operator = Operator.objects.create_user(email, role=role, last_seen_at=now)
        add_app(operator)
        add_recovery_codes(operator)
        add_passkey(operator, pk=PASSKEY)
        client.force_login(operator)
    cookies = client.cookies.output()
    wrong = []
    for route in PAGES:
        with transaction.atomic():
            wrong += _wrong(role, route, world, client)
            transaction.set_rollback(True)
        client.cookies.load(cookies.replace("Set-Cookie: ", ""))  # some end the session
    assert wrong == []


def _wrong(role: str, route: str, world: World, client: Client) -> list[tuple[object, ...]]:
    """What is not as the table says."""
    gate, path, wrong = PAGES[route], world.path(route), []
    for method in (*READING, *ACTING):
        cache.clear()  # of how often who came
        before = rows_written()
        with transaction.atomic():
            answer = client.generic(method, path)
            is_missing = method == "HEAD" and answer.status_code == 405
            if not is_missing and not _is_as_wanted(answer, _wanted(role, gate, method)):
                wrong.append((method, path, answer.status_code))
            if not _may_act(role, gate, method) and rows_written() != before:
                wrong.append((method, path, "changes something"))
            transaction.set_rollback(True)
    return wrong


def _wanted(role: str, gate: Gate, method: str) -> str:
    if gate.see != OPEN and gate.act != OPEN and role == "nobody":
        return "log in"
    wanted = gate.see if method in READING else gate.act if method == "POST" else None
    if gate.needs_debug and wanted is not None:
        return "missing"
    if wanted is None:
        return "unchanged" if gate.is_of_allauth else "no such method"
    return "answered" if _has(role, wanted) else "refused"


def _may_act(role: str, gate: Gate, method: str) -> bool:
    return method == "POST" and gate.act is not None and _has(role, gate.act)


def _has(role: str, wanted: str) -> bool:
    return wanted == OPEN or wanted in ROLES.get(role, set())


def _is_as_wanted(answer: object, wanted: str) -> bool:
    status: int = answer.status_code  # type: ignore[attr-defined]
    match wanted:
        case "log in":
            return status == 302 and answer.headers["Location"].startswith("/login/")  # type: ignore[attr-defined]
        case "no such method":
            return status == 405
        case "missing":
            return status == 404
        case "refused":
            return status == 403
        case "unchanged":
            return status < 500
    return status < 400 or status in {400, 409, 422}


def test_what_is_written_is_noticed() -> None:
    before = rows_written()
    Operator.objects.create_user("ann@example.com")
    written = {name for name, count in rows_written().items() if count != before[name]}
    assert written == {"directmail_operator"}
