"""Changing the password, and setting another after it was forgotten."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from directmail.accounts.tasks import send_password_reset
from directmail.celery import app
from directmail.models import Operator
from senders.audit.entry import AuditEntry
from smtp_gateway.models import Message
from tests.directmail.accounts.acting import (
    PASSWORD,
    SECRET,
    add_app,
    enter_code,
    is_logged_in,
    log_in,
    make_operator,
)

pytestmark = pytest.mark.django_db
NEW = "a brand new battery"
FORGOTTEN = "/account/password/forgotten/"


@pytest.fixture
def operator(db: None) -> Operator:
    return make_operator("person@example.com")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The web process does the worker's work then, which shows all of it here."""
    monkeypatch.setattr(app.conf, "broker_write_url", f"redis+socket://{tmp_path}/nobody.sock")


def ask_for_mail(client: Client, email: str = "person@example.com") -> str:
    """The page that follows."""
    answer = client.post(FORGOTTEN, {"email": email})
    assert answer.headers["Location"] == f"{FORGOTTEN}sent/"
    return client.get(answer.headers["Location"]).text


def link() -> str:
    found = re.search(r"http://localhost:8000(/account/password/forgotten/\S+)", _body())
    assert found
    return found[1]


def _body() -> str:
    return str(mail.outbox[-1].body)


def open_link(client: Client) -> str:
    """The address of the form behind the newest link, which says nothing of the key."""
    answer = client.get(link())
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_the_password_is_changed_and_its_owner_told(client: Client, operator: Operator) -> None:
    log_in(client, operator)
    fields = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/account/password/", fields).headers["Location"] == "/account/"
    assert "Your password is changed." in client.get("/account/").text
    operator.refresh_from_db()
    assert operator.check_password(NEW)
    assert "The password was changed." in _body()
    assert AuditEntry.objects.get(action="operator.password_changed").after == {
        "password": "changed"
    }


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"oldpassword": "wrong", "password1": NEW, "password2": NEW}, "not your current password"),
        ({"oldpassword": PASSWORD, "password1": "short", "password2": "short"}, "12 characters"),
        ({"oldpassword": PASSWORD, "password1": NEW, "password2": "other"}, "the same password"),
    ],
    ids=["wrong", "short", "mistyped"],
)
def test_what_is_no_new_password_is_refused(
    client: Client, operator: Operator, fields: dict[str, str], said: str
) -> None:
    log_in(client, operator)
    page = client.post("/account/password/", fields).text
    assert said in page
    assert NEW not in page
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)


def test_a_forgotten_password_is_set_anew_by_a_mailed_link(
    client: Client, operator: Operator
) -> None:
    ask_for_mail(client)
    assert mail.outbox[0].to == ["person@example.com"]
    form = open_link(client)
    assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 302
    operator.refresh_from_db()
    assert operator.check_password(NEW)
    assert not is_logged_in(client)
    assert "set anew by a link in a mail" in _body()
    entry = AuditEntry.objects.get(action="operator.password_reset")
    assert (entry.actor_kind, entry.object_label) == ("visitor", "person@example.com")


def test_the_link_works_once(client: Client, operator: Operator) -> None:
    ask_for_mail(client)
    first = link()
    client.post(open_link(client), {"password1": NEW, "password2": NEW})
    page = Client().get(first)
    assert "This link cannot be used" in page.text


def test_the_link_ends_after_an_hour(
    client: Client, operator: Operator, settings: pytest.FixtureRequest
) -> None:
    ask_for_mail(client)
    settings.PASSWORD_RESET_TIMEOUT = -1  # type: ignore[attr-defined]
    assert "This link cannot be used" in client.get(link()).text


def test_opening_the_link_changes_nothing(client: Client, operator: Operator) -> None:
    ask_for_mail(client)
    client.get(open_link(client))
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)


def test_two_factor_is_asked_for_all_the_same(client: Client, operator: Operator) -> None:
    add_app(operator)
    ask_for_mail(client)
    client.post(open_link(client), {"password1": NEW, "password2": NEW})
    answer = client.post("/login/", {"login": operator.email, "password": NEW})
    assert answer.headers["Location"] == "/account/two-factor/code/"
    assert enter_code(client, "000000").status_code == 200
    assert SECRET not in _body()


@pytest.mark.parametrize("email", ["nobody@example.com", "off@example.com"])
def test_who_exists_is_not_told_and_not_mailed(
    client: Client, operator: Operator, email: str
) -> None:
    make_operator("off@example.com", is_active=False)
    known = ask_for_mail(client)
    assert ask_for_mail(client, email) == known
    assert [message.to for message in mail.outbox] == [["person@example.com"]]


def test_the_mail_takes_the_queue_and_ends_with_its_link(
    operator: Operator, settings: pytest.FixtureRequest
) -> None:
    settings.EMAIL_BACKEND = "smtp_gateway.mail_backend.QueueBackend"  # type: ignore[attr-defined]
    send_password_reset(operator.email)
    message = Message.objects.get()
    assert message.origin == "system"
    assert message.expires_at <= timezone.now() + timedelta(hours=1)


def test_many_mails_for_one_address_are_refused(client: Client, operator: Operator) -> None:
    for _ in range(5):
        ask_for_mail(client)
    assert client.post(FORGOTTEN, {"email": "person@example.com"}).status_code == 429
