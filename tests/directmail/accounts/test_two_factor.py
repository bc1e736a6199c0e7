"""Two-factor: setting it up, logging in with it, losing it."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from directmail.models import Operator
from senders.audit.entry import AuditEntry
from tests.directmail.accounts.acting import (
    SECRET,
    add_app,
    add_recovery_codes,
    code_of,
    enter_code,
    is_logged_in,
    log_in,
    make_operator,
)

pytestmark = pytest.mark.django_db(transaction=True)
ACTIVATE = "/account/two-factor/app/add/"


@pytest.fixture
def operator(db: None) -> Operator:
    return make_operator()


def set_up(client: Client) -> str:
    """The key of an app that is set up now."""
    page = client.get(ACTIVATE)
    shown = re.search(r"data-copy-text>([A-Z2-7]+)<", page.text)
    assert shown, page.text
    answer = client.post(ACTIVATE, {"code": code_of(shown[1])})
    assert answer.headers["Location"] == "/account/recovery-codes/"
    return shown[1]


def test_an_app_is_set_up_by_its_first_code(client: Client, operator: Operator) -> None:
    log_in(client, operator)
    set_up(client)
    codes = re.findall(r"<code>(\d{8})</code>", client.get("/account/recovery-codes/").text)
    assert len(codes) == 10
    assert "Set up on" in client.get("/account/").text


def test_no_browser_keeps_a_page_with_a_key_or_codes(client: Client, operator: Operator) -> None:
    log_in(client, operator)
    key = client.get(ACTIVATE)
    set_up(client)
    codes = client.get("/account/recovery-codes/")
    for page in (key, codes):
        assert "no-store" in page.headers["Cache-Control"]


def test_a_wrong_first_code_sets_nothing_up(client: Client, operator: Operator) -> None:
    log_in(client, operator)
    page = client.get(ACTIVATE)
    key = re.search(r"data-copy-text>([A-Z2-7]+)<", page.text)
    assert key
    again = client.post(ACTIVATE, {"code": code_of(key[1], steps=20)})
    assert "That was not recognised." in again.text
    assert key[1] in again.text
    assert not Authenticator.objects.exists()


def test_the_key_is_sealed_in_the_database(client: Client, operator: Operator) -> None:
    log_in(client, operator)
    key = set_up(client)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert key not in stored
    assert not re.search(r"seed': '[0-9a-f]{80}'", stored)


def test_log_in_takes_password_and_code(client: Client, operator: Operator) -> None:
    add_app(operator)
    assert log_in(client, operator).headers["Location"] == "/account/two-factor/code/"
    assert not is_logged_in(client)
    assert enter_code(client, code_of(SECRET)).headers["Location"] == "/"
    assert is_logged_in(client)
    entry = AuditEntry.objects.get(action="operator.logged_in")
    assert (entry.actor, entry.after) == (operator.email, {"with": "password + totp"})


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(client: Client, operator: Operator, steps: int) -> None:
    add_app(operator)
    log_in(client, operator)
    assert enter_code(client, code_of(SECRET, steps=steps)).status_code == 302


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "\uff11\uff12\uff13"])
def test_a_wrong_code_logs_nobody_in(client: Client, operator: Operator, code: str) -> None:
    add_app(operator, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    log_in(client, operator)
    assert enter_code(client, code).status_code == 200
    assert not is_logged_in(client)


def test_a_wrong_code_behind_the_right_password_is_in_the_audit_log(
    client: Client, operator: Operator
) -> None:
    add_app(operator)
    log_in(client, operator)
    for _ in range(7):
        enter_code(client, "000000")
    refused = AuditEntry.objects.filter(action="operator.log_in_refused")
    # Those that were not looked at any more are not told.
    assert [(entry.object_label, entry.after) for entry in refused] == [
        (operator.email, {"reason": "code"})
    ] * 5


def test_a_code_counts_once(client: Client, operator: Operator) -> None:
    add_app(operator)
    log_in(client, operator)
    code = code_of(SECRET, steps=1)
    assert enter_code(client, code).status_code == 302
    other = Client()
    log_in(other, operator)
    assert enter_code(other, code).status_code == 200
    assert not is_logged_in(other)


def test_a_recovery_code_counts_once(client: Client, operator: Operator) -> None:
    add_app(operator)
    code, other_code = add_recovery_codes(operator)[:2]
    log_in(client, operator)
    assert enter_code(client, code).status_code == 302
    other = Client()
    log_in(other, operator)
    assert enter_code(other, code).status_code == 200
    assert enter_code(other, other_code).status_code == 302


def test_many_wrong_codes_stop_even_the_right_one(client: Client, operator: Operator) -> None:
    add_app(operator)
    log_in(client, operator)
    for _ in range(5):
        enter_code(client, "000000")
    assert "Too many failed attempts." in enter_code(client, code_of(SECRET)).text
    assert not is_logged_in(client)


def test_the_codes_can_be_read_and_downloaded_again(client: Client, operator: Operator) -> None:
    add_app(operator)
    codes = add_recovery_codes(operator)
    log_in(client, operator)
    enter_code(client, codes[0])
    file = client.get("/account/recovery-codes/download/")
    assert "attachment" in file.headers["Content-Disposition"]
    assert [line for line in file.text.splitlines() if line.isdigit()] == codes[1:]
    assert operator.email in file.text


def test_new_codes_end_the_former_ones(client: Client, operator: Operator) -> None:
    add_app(operator)
    old = add_recovery_codes(operator)
    log_in(client, operator)
    enter_code(client, old[0])
    assert client.get("/account/recovery-codes/new/").status_code == 200
    assert client.post("/account/recovery-codes/new/").status_code == 302
    other = Client()
    log_in(other, operator)
    assert enter_code(other, old[1]).status_code == 200


def test_without_the_app_the_password_is_enough_again(client: Client, operator: Operator) -> None:
    add_app(operator)
    add_recovery_codes(operator)
    log_in(client, operator)
    enter_code(client, code_of(SECRET))
    assert "Remove the authenticator app?" in client.get("/account/two-factor/app/remove/").text
    assert client.post("/account/two-factor/app/remove/").status_code == 302
    assert not Authenticator.objects.exists()
    other = Client()
    assert log_in(other, operator).headers["Location"] == "/"


def test_each_change_is_mailed_and_in_the_audit_log(client: Client, operator: Operator) -> None:
    log_in(client, operator)
    set_up(client)
    client.post("/account/recovery-codes/new/")
    client.post("/account/two-factor/app/remove/")
    assert [message.to for message in mail.outbox] == [[operator.email]] * 3
    assert "An authenticator app was added." in str(mail.outbox[0].body)
    assert "The authenticator app was removed." in str(mail.outbox[2].body)
    assert "127.0.0.1" in str(mail.outbox[0].body)
    done = AuditEntry.objects.filter(object_kind="operator").order_by("pk")
    assert list(done.values_list("action", flat=True)) == [
        "operator.logged_in",
        "operator.two_factor_added",
        "operator.recovery_codes_made",
        "operator.two_factor_removed",
    ]
    assert {entry.object_label for entry in done} == {operator.email}


def test_a_change_asks_for_the_password_when_the_log_in_is_long_ago(
    client: Client, operator: Operator
) -> None:
    client.force_login(operator)
    answer = client.get(ACTIVATE)
    assert answer.headers["Location"].startswith("/account/confirm/?next=")
    page = client.get(answer.headers["Location"])
    assert "say once more who you are" in page.text
    wrong = client.post("/account/confirm/", {"password": "wrong", "next": ACTIVATE})
    assert "This is not your password." in wrong.text
    right = client.post(
        "/account/confirm/", {"password": "correct horse battery", "next": ACTIVATE}
    )
    assert right.headers["Location"] == ACTIVATE
    assert client.get(ACTIVATE).status_code == 200


def test_a_code_confirms_too(client: Client, operator: Operator) -> None:
    add_app(operator)
    client.force_login(operator)
    page = client.get("/account/confirm/?next=/account/two-factor/app/remove/")
    assert "/account/two-factor/confirm/" in page.text
    confirmed = client.post(
        "/account/two-factor/confirm/",
        {"code": code_of(SECRET), "next": "/account/two-factor/app/remove/"},
    )
    assert confirmed.headers["Location"] == "/account/two-factor/app/remove/"
