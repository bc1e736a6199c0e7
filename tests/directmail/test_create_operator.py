"""`manage.py create_operator EMAIL --password-stdin`."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from directmail import operators
from directmail.models import Operator

pytestmark = pytest.mark.django_db

_PASSWORD = "correct horse battery staple"


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = _PASSWORD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    out = io.StringIO()
    call_command("create_operator", *arguments, "--password-stdin", stdout=out)
    return out.getvalue()


def test_makes_an_operator_who_can_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(monkeypatch, "Ann@Example.com") == "ann@example.com can log in now, as admin.\n"
    assert Operator.objects.get(email="ann@example.com").check_password(_PASSWORD)


def test_an_address_from_before_names_had_one_form_still_logs_in(client: Client) -> None:
    Operator.objects.create_user("ann@münchen.example", _PASSWORD)
    answer = client.post("/login/", {"login": "ann@münchen.example", "password": _PASSWORD})
    assert answer.headers["Location"] == "/"


def test_speaks_json(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _run(monkeypatch, "ann@example.com", "--json")
    assert json.loads(said) == {"email": "ann@example.com", "role": "admin"}


def test_an_operator_that_exists_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _run(monkeypatch, "ann@example.com")
    with pytest.raises(CommandError, match=r"There is an operator ann@example\.com already"):
        _run(monkeypatch, "ANN@example.com", typed="quite another passphrase")
    assert Operator.objects.get().check_password(_PASSWORD)


def test_the_first_is_an_admin_and_others_are_operators_unless_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for email, *role in [("a@x.com",), ("b@x.com",), ("c@x.com", "--role", "viewer")]:
        _run(monkeypatch, email, *role)
    roles = Operator.objects.order_by("email").values_list("role", flat=True)
    assert list(roles) == ["admin", "operator", "viewer"]


@pytest.mark.parametrize(
    ("email", "typed", "said"),
    [
        ("ann", _PASSWORD, "ann is not an e-mail address."),
        ("ann@example.com", "short", "too short"),
        ("ann@example.com", "1234567891011", "too common"),
        ("ann@example.com", "ann@example.com", "too similar"),
        ("ann@example.com", "", "too short"),
    ],
)
def test_what_will_not_do_is_said(
    monkeypatch: pytest.MonkeyPatch, email: str, typed: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        _run(monkeypatch, email, typed=typed)
    assert not Operator.objects.exists()


def test_the_first_operator_is_made_once(settings: Any) -> None:
    settings.FIRST_OPERATOR_EMAIL = "boss@example.com"
    email, password = operators.first_operator()
    assert email == "boss@example.com"
    assert password is not None
    assert Operator.objects.get().check_password(password)
    assert operators.first_operator() == ("boss@example.com", None)
