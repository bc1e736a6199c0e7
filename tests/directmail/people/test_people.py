"""The People page: roles, who can log in, and who is left."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from directmail.models import Operator
from senders.models import AuditEntry
from tests.directmail.accounts.acting import add_app
from tests.senders.factories import HTMX

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def boss() -> Operator:
    return Operator.objects.create_user("boss@example.com", PASSWORD, role="admin")


@pytest.fixture
def ann() -> Operator:
    return Operator.objects.create_user("ann@example.com", PASSWORD, role="operator")


@pytest.fixture
def console(client: Client, boss: Operator) -> Client:
    client.force_login(boss)
    return client


def told() -> list[tuple[Any, ...]]:
    """The audit log, oldest first."""
    rows = AuditEntry.objects.order_by("id")
    return [*rows.values_list("action", "actor", "object_label", "before", "after")]


def test_the_page_lists_everybody_by_state_role_and_address(console: Client, ann: Operator) -> None:
    Operator.objects.create_user("gone@example.com", role="admin", is_active=False)
    Operator.objects.create_user("eve@example.com", role="viewer")
    people = console.get("/people/").context["people"]
    assert [each.operator.email for each in people] == [
        "boss@example.com", "ann@example.com", "eve@example.com", "gone@example.com",
    ]  # fmt: skip


def test_the_page_says_which_row_is_ones_own_and_offers_nothing_against_it(
    console: Client, boss: Operator
) -> None:
    page = console.get("/people/").text
    assert "You</span>" in page
    assert f"/people/{boss.pk}/role/" not in page
    assert f"/people/{boss.pk}/remove/" not in page


def test_a_role_is_changed_and_told(console: Client, ann: Operator) -> None:
    assert 'value="operator" checked' in console.get(f"/people/{ann.pk}/role/").text
    page = console.post(f"/people/{ann.pk}/role/", {"role": "viewer"}, follow=True)
    assert "The role of ann@example.com is now: Viewer." in page.text
    ann.refresh_from_db()
    assert not ann.has_perm("senders.change_senderaddress")
    assert told() == [
        ("operator.role_changed", "boss@example.com", "ann@example.com",
         {"role": "operator"}, {"role": "viewer"}),
    ]  # fmt: skip


def test_a_role_takes_effect_in_sessions_that_are_open(console: Client, ann: Operator) -> None:
    theirs = Client()
    theirs.force_login(ann)
    assert theirs.get("/sender-addresses/create/").status_code == 200
    console.post(f"/people/{ann.pk}/role/", {"role": "viewer"})
    assert theirs.get("/sender-addresses/create/").status_code == 403


def test_the_dialog_closes_and_the_list_moves(console: Client, ann: Operator) -> None:
    answer = console.post(f"/people/{ann.pk}/role/", {"role": "admin"}, headers=HTMX)
    assert answer.status_code == 204
    assert "console:done" in answer.headers["HX-Trigger"]


def test_no_such_role_is_refused(console: Client, ann: Operator) -> None:
    assert console.post(f"/people/{ann.pk}/role/", {"role": "root"}).status_code == 422
    ann.refresh_from_db()
    assert ann.role == "operator"


def test_nobody_takes_the_own_role_away(console: Client, boss: Operator) -> None:
    Operator.objects.create_user("second@example.com", role="admin")
    page = console.post(f"/people/{boss.pk}/role/", {"role": "viewer"})
    assert page.status_code == 409
    assert "Ask another admin." in page.text
    for act in ("deactivate", "remove"):
        page = console.post(f"/people/{boss.pk}/{act}/")
        assert (page.status_code, "Ask another admin." in page.text) == (409, True)
    boss.refresh_from_db()
    assert (boss.role, boss.is_active) == ("admin", True)
    assert told() == []


def test_who_is_deactivated_is_logged_out_at_once_and_stays_out(
    console: Client, ann: Operator
) -> None:
    theirs = Client()
    theirs.post("/login/", {"login": ann.email, "password": PASSWORD})
    assert theirs.get("/mail-log/").status_code == 200
    page = console.post(f"/people/{ann.pk}/deactivate/", follow=True)
    assert "is logged out and can no longer log in." in page.text
    assert theirs.get("/mail-log/").headers["Location"].startswith("/login/")
    assert str(ann.pk) not in [s.get_decoded().get(SESSION_KEY) for s in Session.objects.all()]
    theirs.post("/login/", {"login": ann.email, "password": PASSWORD})
    assert theirs.get("/mail-log/").status_code == 302


def test_who_is_reactivated_logs_in_anew(console: Client, ann: Operator) -> None:
    theirs = Client()
    theirs.force_login(ann)
    console.post(f"/people/{ann.pk}/deactivate/")
    console.post(f"/people/{ann.pk}/reactivate/")
    assert theirs.get("/mail-log/").status_code == 302
    theirs.post("/login/", {"login": ann.email, "password": PASSWORD})
    assert theirs.get("/mail-log/").status_code == 200
    actions = [row[0] for row in told()]
    assert actions == ["operator.deactivated", "operator.reactivated", "operator.logged_in"]


def test_who_is_removed_is_gone_and_stays_in_the_audit_log(console: Client, ann: Operator) -> None:
    theirs = Client()
    theirs.force_login(ann)
    theirs.post("/sender-addresses/create/", {"address": "a@x.com", "mail_type": "trigger"})
    assert "for good" in console.get(f"/people/{ann.pk}/remove/").text
    page = console.post(f"/people/{ann.pk}/remove/", follow=True)
    assert "ann@example.com is removed." in page.text
    assert not Operator.objects.filter(pk=ann.pk).exists()
    assert theirs.get("/mail-log/").status_code == 302
    assert [row[:3] for row in told()] == [
        ("sender_address.created", "ann@example.com", "a@x.com"),
        ("operator.removed", "boss@example.com", "ann@example.com"),
    ]
    assert console.post(f"/people/{ann.pk}/remove/").status_code == 404


def test_what_is_so_already_is_told_to_nobody(console: Client, ann: Operator) -> None:
    console.post(f"/people/{ann.pk}/reactivate/")
    console.post(f"/people/{ann.pk}/role/", {"role": "operator"})
    assert told() == []


def test_when_somebody_was_here_is_seen(console: Client, boss: Operator) -> None:
    console.get("/")
    boss.refresh_from_db()
    seen = boss.last_seen_at
    assert seen is not None
    console.get("/")
    boss.refresh_from_db()
    assert boss.last_seen_at == seen


def test_a_lost_device_is_made_good_by_an_admin_who_shows_the_password(
    client: Client, boss: Operator, ann: Operator
) -> None:
    add_app(ann)
    theirs = Client()
    theirs.force_login(ann)
    client.post("/login/", {"login": boss.email, "password": PASSWORD})
    assert f"/people/{ann.pk}/two-factor/reset/" in client.get("/people/").text
    page = client.post(f"/people/{ann.pk}/two-factor/reset/", follow=True)
    assert f"{ann.email} can log in with the password alone now." in page.text
    assert not Authenticator.objects.exists()
    assert theirs.get("/mail-log/").status_code == 302
    assert "Two-factor was removed by an admin" in str(mail.outbox[-1].body)
    assert told()[-1][:3] == ("operator.two_factor_reset", boss.email, ann.email)
    page = client.post(f"/people/{ann.pk}/two-factor/reset/", follow=True)
    assert f"{ann.email} has no two-factor." in page.text


def test_before_that_the_password_is_asked_for(console: Client, ann: Operator) -> None:
    add_app(ann)
    answer = console.post(f"/people/{ann.pk}/two-factor/reset/")
    assert answer.headers["Location"].startswith("/account/confirm/")
    assert Authenticator.objects.exists()


def test_nobody_resets_the_own_two_factor(client: Client, boss: Operator) -> None:
    client.post("/login/", {"login": boss.email, "password": PASSWORD})
    add_app(boss)
    page = client.post(f"/people/{boss.pk}/two-factor/reset/")
    assert (page.status_code, "Ask another admin." in page.text) == (409, True)
    assert Authenticator.objects.exists()
