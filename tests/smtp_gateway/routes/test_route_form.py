"""Adding and editing a route."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from senders.sealing import unseal
from smtp_gateway.routes.places import addresses_here
from tests.smtp_gateway.routes.factories import PASSWORD, make_route
from tests.smtp_gateway.routes.pages import add, fields, refusal, text_of


def test_a_route_is_added_behind_all_others(console: Client) -> None:
    make_route(position=7)
    route = add(console)
    assert (route.name, route.position, route.is_enabled) == ("Newsletter relay", 8, True)
    assert (route.host, route.port, route.security) == ("smtp.example.net", 465, "implicit")
    assert route.sender_domains == "example.com\n*.xn--bcher-kva.example"
    assert route.mails_per_minute is None
    assert "The route Newsletter relay is added, behind all others." in text_of(console)


def test_the_password_is_encrypted_at_rest_and_in_no_page(console: Client) -> None:
    route = add(console)
    assert PASSWORD not in " ".join(map(str, vars(route).values()))
    assert unseal(route.sealed_password).decode() == PASSWORD
    for page in ("/routes/", f"/routes/{route.pk}/", f"/routes/{route.pk}/test/"):
        content = console.get(page).content.decode()
        assert PASSWORD not in content
        assert route.sealed_password not in content
    refused = console.post(f"/routes/{route.pk}/", fields(port="x"))
    assert PASSWORD not in refused.content.decode()
    assert "Type the password again." in refused.content.decode()


def test_an_empty_password_keeps_the_one_that_is_set(console: Client) -> None:
    route = add(console)
    sealed = route.sealed_password
    assert "A password is set. Leave this empty" in text_of(console, f"/routes/{route.pk}/")
    console.post(f"/routes/{route.pk}/", fields(password="", name="Another name"))
    route.refresh_from_db()
    assert (route.name, route.sealed_password) == ("Another name", sealed)


def test_another_password_replaces_it(console: Client) -> None:
    route = add(console)
    console.post(f"/routes/{route.pk}/", fields(password="another one"))
    route.refresh_from_db()
    assert unseal(route.sealed_password) == b"another one"


def test_a_password_is_removed_with_its_user_and_only_then(console: Client) -> None:
    route = add(console)
    text = refusal(console, f"/routes/{route.pk}/", password="", remove_password="on")
    assert "Enter the password of this user, or leave both empty." in text
    console.post(f"/routes/{route.pk}/", fields(password="", user=""))
    route.refresh_from_db()
    assert (route.user, route.sealed_password) == ("", "")


@pytest.mark.parametrize(
    "change", [{"host": "thief.example"}, {"port": "2465"}, {"user": "other"}], ids=str
)
def test_a_password_that_is_kept_goes_nowhere_else(console: Client, change: dict[str, str]) -> None:
    route = add(console)
    text = refusal(console, f"/routes/{route.pk}/", **{**change, "password": ""})
    assert "The password that is set is for another host, port or user." in text
    console.post(f"/routes/{route.pk}/", fields(**{**change, "password": "typed again"}))
    route.refresh_from_db()
    assert unseal(route.sealed_password) == b"typed again"


def test_a_route_to_the_mailbox_drops_what_it_has_no_use_for(console: Client) -> None:
    route = add(console)
    nonsense = {"host": "///", "port": "many", "max_connections": "-1", "source_ipv4": "x"}
    response = console.post(f"/routes/{route.pk}/", fields(kind="mailbox", **nonsense))
    assert response.status_code == 302
    route.refresh_from_db()
    assert (route.kind, route.host, route.user, route.sealed_password) == ("mailbox", "", "", "")
    assert (route.port, route.max_connections) == (587, 10)


def test_direct_delivery_keeps_its_limits_and_needs_no_host(console: Client) -> None:
    route = add(console, kind="mx", host="", port="", mails_per_minute="30")
    assert (route.kind, route.host, route.user, route.mails_per_minute) == ("mx", "", "", 30)


def test_the_form_shows_what_is_set(console: Client) -> None:
    route = add(console, host="bücher.example", verify_tls=None, mails_per_minute="30")
    page = console.get(f"/routes/{route.pk}/").content.decode()
    for value in ("Newsletter relay", "bücher.example", "465", "shop", "30"):
        assert f'value="{value}"' in page
    assert "example.com\n*.bücher.example" in page
    assert not re.search(r'name="verify_tls"[^>]*checked', page)
    assert re.search(r'value="smarthost" checked', page)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Enter a name"),
        ("name", "n" * 61, "at most 60 characters"),
        ("kind", "", "Choose where it leads."),
        ("kind", "pigeon", "Choose where it leads."),
        ("mail_type", "pigeon", "Select a valid choice."),
        ("sender_domains", "anna@example.com", "write example.com"),
        ("recipient_domains", "a..b", "“a..b” is no domain."),
        ("recipient_domains", "*", "leave the field empty"),
        ("host", "", "Enter the server's name"),
        ("host", "smtp://smtp.example.net", "Enter the host name alone"),
        ("host", "shop@smtp.example.net", "user and password have fields of their own"),
        ("host", "smtp.example.net:587", "the port has a field of its own"),
        ("host", "[::1]:587", "the port has a field of its own"),
        ("host", "smtp example", "is no host name and no IP address"),
        ("host", "10.0.0", "is no host name and no IP address"),
        ("host", "0.0.0.0", "is not the address of one host"),  # noqa: S104 - not bound
        ("host", "ff02::1", "is not the address of one host"),
        ("host", "x\0y", "Null characters are not allowed."),
        ("port", "", "Enter a number from 1 to 65535."),
        ("port", "0", "Enter a number from 1 to 65535."),
        ("port", "65536", "Enter a number from 1 to 65535."),
        ("port", "smtp", "Enter a number from 1 to 65535."),
        ("security", "", "Choose the protection."),
        ("security", "rot13", "Choose the protection."),
        ("password", "", "Enter the password of this user, or leave both empty."),
        ("user", "", "Enter the user name that the password is for."),
        ("source_ipv4", "192.0.2.1", "192.0.2.1 is no address of this machine. It has"),
        ("source_ipv4", "::1", "“::1” is no IPv4 address."),
        ("source_ipv6", "2001:db8::1", "2001:db8::1 is no address of this machine."),
        ("source_ipv6", "127.0.0.1", "“127.0.0.1” is no IPv6 address."),
        ("max_connections", "0", "Enter a number from 1 to 1000."),
        ("mails_per_connection", "", "Enter a number from 1 to 10000."),
        ("mails_per_minute", "0", "Enter a number from 1 to 1000000."),
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_what_cannot_be_is_refused_with_a_sentence(
    console: Client, field: str, typed: str, said: str
) -> None:
    assert said in refusal(console, **{field: typed})


def test_a_name_is_given_once(console: Client) -> None:
    add(console)
    assert "There is a route of this name already." in refusal(console)
    other = make_route("Other")
    assert "There is a route of this name already." in refusal(console, f"/routes/{other.pk}/")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Smtp.Example.NET.", "smtp.example.net"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("192.0.2.25", "192.0.2.25"),
        ("[2001:DB8::25]", "2001:db8::25"),
        ("2001:db8:0::25", "2001:db8::25"),
        ("mailhub", "mailhub"),
    ],
)
def test_hosts_are_stored_in_their_normal_form(console: Client, typed: str, stored: str) -> None:
    assert add(console, host=typed).host == stored


def test_a_source_address_of_this_machine_is_taken(console: Client) -> None:
    mine = addresses_here(4)[-1]
    assert add(console, source_ipv4=f" {mine} ").source_ipv4 == mine


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "mail.directmail.test", "::1"])
def test_a_route_to_directmail_itself_is_refused(
    console: Client, settings: Settings, host: str
) -> None:
    settings.SMTP_HOST, settings.SMTP_HOSTNAME = "::", "mail.directmail.test"
    said = "That is DirectMail's own SMTP server, and mail would go round for ever."
    assert said in refusal(console, host=host, port=str(settings.SMTP_PORT))
    assert add(console, host=host, port="25").host == host


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    return found[1] if found else ""


def test_a_form_from_before_a_change_does_not_undo_it(console: Client) -> None:
    route = add(console)
    url = f"/routes/{route.pk}/"
    seen = hidden(console.get(url).content.decode(), "seen")
    console.post(url, fields(name="Renamed", password="", seen=seen))
    stale = fields(host="smtp.example.net", mails_per_minute="60", password="", seen=seen)
    response = console.post(url, stale)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Somebody changed this meanwhile" in page
    assert "Name: <bdi>Renamed</bdi>" in page
    assert "Mails per minute: <bdi>empty</bdi>" in page
    assert "Host: <bdi>" not in page
    assert 'value="60"' in page
    route.refresh_from_db()
    assert (route.name, route.mails_per_minute) == ("Renamed", None)
    again = {**stale, "seen": hidden(page, "seen")}
    assert console.post(url, again).status_code == 302
    route.refresh_from_db()
    assert (route.name, route.mails_per_minute) == ("Newsletter relay", 60)


def test_another_password_or_switch_is_a_change_and_another_place_is_none(console: Client) -> None:
    route = add(console)
    make_route(position=9)
    url = f"/routes/{route.pk}/"
    seen = hidden(console.get(url).content.decode(), "seen")
    console.post(f"{url}move/", {"direction": "down"})
    assert console.post(url, fields(password="", seen=seen)).status_code == 302
    console.post(url, fields(password="another", seen=seen))
    assert console.post(url, fields(password="", seen=seen)).status_code == 409
    seen = hidden(console.get(url).content.decode(), "seen")
    console.post(f"{url}disable/")
    assert console.post(url, fields(password="", seen=seen)).status_code == 409


def test_a_mistake_in_a_form_does_not_make_it_newer(console: Client) -> None:
    route = add(console)
    url = f"/routes/{route.pk}/"
    seen = hidden(console.get(url).content.decode(), "seen")
    console.post(url, fields(name="Renamed", password="", seen=seen))
    refused = console.post(url, fields(port="x", password="", seen=seen))
    assert refused.status_code == 422
    assert hidden(refused.content.decode(), "seen") == seen
