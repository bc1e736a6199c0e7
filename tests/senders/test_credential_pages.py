"""The SMTP passwords of an address: the list, adding, rotating, renaming, revoking."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from senders import credential_services as services
from senders import smtp_password
from senders.audit.entry import AuditEntry
from senders.credential_forms import AddForm
from senders.credential_list import credential_list
from senders.credential_services import NewCredential
from senders.models import SenderAddress, SmtpCredential
from tests.senders.factories import HTMX, PASSWORD, make_sender, reread
from tests.senders.test_smtp_pages import shown_password

OTHER = "OtherPass34"
NOW = timezone.now()


def page(name: str, of: SenderAddress | SmtpCredential) -> str:
    """The address of a page about a sender address, or about one of its credentials."""
    keys = [of.pk] if isinstance(of, SenderAddress) else [of.sender_id, of.pk]
    return reverse(f"senders:{name}", args=keys)


def add(sender: SenderAddress, name: str = "web", password: str = "") -> SmtpCredential:
    wanted = NewCredential(name, password or smtp_password.generate())
    return services.add_credential(sender, wanted, now=timezone.now())


def change(credential: SmtpCredential, **changes: object) -> None:
    SmtpCredential.objects.filter(pk=credential.pk).update(**changes)


def test_the_list_tells_the_state_and_the_last_use_of_each(console: Client) -> None:
    sender = make_sender("news@example.com")
    web, shop, old = add(sender, "web"), add(sender, "shop"), add(sender, "old")
    change(web, last_used_at=NOW, last_used_from="192.0.2.7", expires_at=NOW + timedelta(days=2))
    services.revoke_credential(old, now=NOW)
    text = console.get(page("credentials", sender)).text
    for shown in ("web", "Expires soon", "192.0.2.7", "shop", "Never used", "Revoked"):
        assert shown in text
    assert "1 password that ended" in text
    assert page("rotate_credential", shop) in text
    assert page("revoke_credential", old) not in text


def test_an_ended_password_that_is_still_tried_is_pointed_out(console: Client) -> None:
    sender = make_sender()
    old = add(sender, "old app")
    add(sender, "new app")
    services.revoke_credential(old, now=NOW)
    assert "is still tried" not in console.get(page("credentials", sender)).text
    change(old, last_refused_at=NOW, last_refused_from="192.0.2.9")
    text = console.get(page("credentials", sender)).text
    assert "“old app” has ended, but is still tried" in text
    assert "192.0.2.9" in text


def test_without_a_password_the_list_says_what_is_next(console: Client) -> None:
    text = console.get(page("credentials", sender := make_sender())).text
    assert "No password works" in text
    assert page("set_smtp_password", sender) in text


def test_a_full_list_offers_no_more(console: Client) -> None:
    sender = make_sender()
    for number in range(10):
        add(sender, f"app {number}")
    text = console.get(page("credentials", sender)).text
    assert page("add_credential", sender) not in text
    assert "Revoke one to add another." in text
    answer = console.post(page("add_credential", sender), {"name": "one more"})
    assert answer.status_code == 422
    assert "as many passwords as it can" in answer.text


def test_the_list_is_one_query(django_assert_num_queries: DjangoAssertNumQueries, db: None) -> None:
    sender = make_sender()
    for number in range(4):
        add(sender, f"app {number}")
    with django_assert_num_queries(1):
        found = credential_list(sender, NOW)
    assert [row.credential.name for row in found.living] == [f"app {n}" for n in range(4)]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_a_generated_password_is_shown_once_and_kept_nowhere(
    console: Client, headers: dict[str, str]
) -> None:
    sender = make_sender("news@example.com")
    answer = console.post(page("add_credential", sender), {"name": "web"}, headers=headers)
    password = shown_password(answer.text)
    credential = sender.credentials.get(name="web")
    assert smtp_password.matches(password, credential.password_hash)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "console:changed" in answer.headers["HX-Trigger"]
    assert password not in console.get(page("credentials", sender)).text
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert password not in str(kept) + str(console.cookies) + str(AuditEntry.objects.values())


def test_who_made_a_password_is_kept(console: Client) -> None:
    sender = make_sender()
    console.post(page("add_credential", sender), {"name": "web"})
    credential = sender.credentials.get()
    assert credential.created_by.startswith("operator")
    assert credential.created_by in console.get(page("credentials", sender)).text


def test_a_typed_password_with_an_expiry_is_taken(console: Client) -> None:
    sender = make_sender("news@example.com")
    expires = timezone.localtime(NOW + timedelta(days=30))
    values = {"name": "web", "password": PASSWORD, "expires_at": f"{expires:%Y-%m-%dT%H:%M}"}
    answer = console.post(page("add_credential", sender), values, follow=True)
    assert "news@example.com can log in with web." in answer.text
    assert PASSWORD not in answer.text
    credential = sender.credentials.get()
    assert smtp_password.matches(PASSWORD, credential.password_hash)
    assert credential.expires_at == expires.replace(second=0, microsecond=0)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_an_expiry_says_whose_time_it_is(console: Client, zone: str) -> None:
    sender = make_sender()
    with timezone.override(zone):
        assert f"Times are those of {zone}." in str(AddForm()["expires_at"].help_text)
    assert "Times are those of " in console.get(page("add_credential", sender)).text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"name": ""}, "Enter a name, for example the application that uses it."),
        ({"name": "WEB"}, "Another password of this address has that name."),
        ({"name": "x", "password": "abc"}, "Use 10 to 20 characters."),
        ({"name": "x", "password": PASSWORD}, "Use another password than the previous one."),
        ({"name": "x", "expires_at": "2020-01-01T00:00"}, "Choose a time that is still to come."),
        ({"name": "x", "expires_at": "soon"}, "Choose a date and a time, or leave both empty."),
    ],
    ids=["no name", "name taken", "bad password", "known password", "past", "no date"],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    console: Client, values: dict[str, str], text: str
) -> None:
    sender = make_sender()
    add(sender, "web", PASSWORD)
    answer = console.post(page("add_credential", sender), values, headers=HTMX)
    assert answer.status_code == 422
    assert text in answer.text
    assert sender.credentials.count() == 1


@pytest.mark.parametrize(
    ("grace", "lives"),
    [("now", False), ("1h", True), ("24h", True), ("7d", True), ("never", True)],
)
def test_rotating_asks_what_becomes_of_the_present_password(
    console: Client, grace: str, lives: bool
) -> None:
    sender = make_sender()
    old = add(sender, "web")
    form = console.get(page("rotate_credential", old), headers=HTMX).text
    assert 'value="24h" checked' in form
    assert 'value="web (2)"' in form
    answer = console.post(page("rotate_credential", old), {"name": "web 2", "grace": grace})
    password = shown_password(answer.text)
    new = sender.credentials.get(name="web 2")
    old.refresh_from_db()
    assert smtp_password.matches(password, new.password_hash)
    assert new.is_main
    assert old.is_living(timezone.now()) is lives
    assert (old.expires_at is None) is (grace in ("now", "never"))


def test_a_rotation_without_a_choice_changes_nothing(console: Client) -> None:
    sender = make_sender()
    old = add(sender, "web")
    answer = console.post(page("rotate_credential", old), {"name": "web 2"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose what becomes of the present password." in answer.text
    assert sender.credentials.get().expires_at is None


def test_rotating_what_has_ended_is_refused_in_words(console: Client) -> None:
    old = add(make_sender(), "web")
    services.revoke_credential(old, now=NOW)
    values = {"name": "web 2", "grace": "now"}
    answer = console.post(page("rotate_credential", old), values, headers=HTMX)
    assert answer.status_code == 422
    assert "This password has ended meanwhile." in answer.text


def test_renaming_says_the_new_name(console: Client) -> None:
    sender = make_sender()
    credential = add(sender, "web")
    assert 'value="web"' in console.get(page("rename_credential", credential)).text
    answer = console.post(page("rename_credential", credential), {"name": "shop"}, follow=True)
    assert "It is called shop now." in answer.text
    add(sender, "other")
    answer = console.post(page("rename_credential", credential), {"name": "Other"})
    assert answer.status_code == 422
    assert "has that name" in answer.text


def test_revoking_asks_first_and_says_what_stops(console: Client) -> None:
    sender = make_sender("news@example.com")
    first, second = add(sender, "web"), add(sender, "shop")
    asked = console.get(page("revoke_credential", first), headers=HTMX).text
    assert "Connections that are open now are refused at their next mail." in asked
    assert "SMTP will be off" not in asked
    answer = console.post(page("revoke_credential", first), follow=True)
    assert "web is revoked." in answer.text
    assert (
        "SMTP will be off for news@example.com"
        in console.get(page("revoke_credential", second)).text
    )
    console.post(page("revoke_credential", second))
    assert not reread(sender).smtp_enabled
    assert "It has ended already." in console.get(page("revoke_credential", second)).text


@pytest.mark.parametrize("name", ["rotate_credential", "rename_credential", "revoke_credential"])
def test_a_credential_is_found_under_its_own_address_only(console: Client, name: str) -> None:
    credential, other = add(make_sender(), "web"), make_sender()
    wrong = reverse(f"senders:{name}", args=[other.pk, credential.pk])
    assert console.get(wrong).status_code == 404
    assert console.post(wrong, {"name": "x", "grace": "now"}).status_code == 404
    assert reread(credential.sender).smtp_enabled


def test_a_name_is_never_taken_for_markup(console: Client) -> None:
    sender = make_sender()
    credential = add(sender, "<b>web</b>")
    for each in (page("credentials", sender), page("revoke_credential", credential)):
        text = console.get(each).text
        assert "&lt;b&gt;web&lt;/b&gt;" in text
        assert "<b>web</b>" not in text


def test_setting_the_smtp_password_says_what_goes_on_working(console: Client) -> None:
    sender = make_sender()
    main = add(sender, "main")
    add(sender, "shop")
    text = console.get(page("set_smtp_password", sender)).text
    assert "The present one, “main”, stops working at once." in text
    assert "1 other password goes on working." in text
    assert page("rotate_credential", main) in text


def test_switching_smtp_off_names_what_is_revoked(console: Client) -> None:
    sender = make_sender()
    add(sender, "web")
    add(sender, "shop")
    text = console.get(page("switch_smtp_off", sender)).text
    assert "2 passwords are revoked for good:" in text
    assert "<bdi>web</bdi>, <bdi>shop</bdi>" in text
