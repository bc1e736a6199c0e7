"""REQUIRE_TWO_FACTOR: who has to have it and has none is led to set it up."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from directmail.models import Operator
from directmail.roles import Role
from tests.directmail.accounts.acting import (
    SECRET,
    add_app,
    code_of,
    enter_code,
    is_logged_in,
    log_in,
    make_operator,
)

pytestmark = pytest.mark.django_db(transaction=True)
SETUP = "/account/two-factor/required/"


@pytest.fixture
def operator(db: None) -> Operator:
    return make_operator(role=Role.OPERATOR)


@pytest.fixture
def everybody(settings: Settings) -> None:
    settings.REQUIRE_TWO_FACTOR = "all"


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize("path", ["/", "/sender-addresses/", "/account/", "/account/preferences/"])
def test_every_page_leads_to_the_set_up(client: Client, operator: Operator, path: str) -> None:
    client.force_login(operator)
    assert client.get(path).headers["Location"] == SETUP


@pytest.mark.usefixtures("everybody")
def test_nothing_is_done_before(client: Client, operator: Operator) -> None:
    client.force_login(operator)
    fields = {"address": "news@example.com", "mail_type": "trigger", "reply_to": ""}
    answer = client.post("/sender-addresses/create/", fields)
    assert answer.headers["Location"] == SETUP
    fragment = client.post("/sender-addresses/create/", fields, headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == SETUP


@pytest.mark.usefixtures("everybody")
def test_it_can_be_set_up_and_all_is_open_then(client: Client, operator: Operator) -> None:
    log_in(client, operator)
    assert "Authenticator app" in client.get(SETUP).text
    page = client.get("/account/two-factor/app/add/")
    key = re.search(r"data-copy-text>([A-Z2-7]+)<", page.text)
    assert key
    client.post("/account/two-factor/app/add/", {"code": code_of(key[1])})
    assert client.get("/account/recovery-codes/").status_code == 200
    assert is_logged_in(client)
    assert client.get(SETUP).headers["Location"] == "/"


@pytest.mark.usefixtures("everybody")
def test_who_has_it_is_let_through(client: Client, operator: Operator) -> None:
    add_app(operator)
    log_in(client, operator)
    enter_code(client, code_of(SECRET))
    assert is_logged_in(client)


@pytest.mark.usefixtures("everybody")
def test_public_pages_and_the_way_out_stay_open(client: Client, operator: Operator) -> None:
    client.force_login(operator)
    assert client.get("/healthz").status_code == 200
    assert client.get("/verify/nonsense/").status_code == 400
    assert client.post("/logout/").status_code == 302
    assert client.get(SETUP).headers["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("role", "is_led"), [(Role.ADMIN, True), (Role.OPERATOR, False), (Role.VIEWER, False)]
)
def test_admins_alone_can_be_asked_for_it(
    client: Client, settings: Settings, role: Role, is_led: bool
) -> None:
    settings.REQUIRE_TWO_FACTOR = "admins"
    client.force_login(make_operator(role=role))
    assert (client.get("/account/").status_code == 302) is is_led


def test_by_default_nobody_is_asked(client: Client, operator: Operator) -> None:
    client.force_login(operator)
    assert is_logged_in(client)
