"""The Routes page and what it leads to, over HTTP."""

import html
import logging
import re
from collections.abc import Mapping

import pytest
from django.test import Client
from pytest_django import Settings

from senders.sealing import unseal
from smtp_gateway.models import Route
from smtp_gateway.routes.places import addresses_here
from tests.smtp_gateway.routes.factories import PASSWORD, make_route

HTMX = {"HX-Request": "true"}
SMARTHOST = {
    "name": "Newsletter relay", "kind": "smarthost", "mail_type": "batch",
    "sender_domains": "example.com\n*.Bücher.example", "recipient_domains": "",
    "host": "SMTP.Example.net", "port": "465", "security": "implicit", "verify_tls": "on",
    "user": "shop", "password": PASSWORD, "source_ipv4": "", "source_ipv6": "",
    "max_connections": "5", "mails_per_connection": "50", "mails_per_minute": "",
    "is_enabled": "on",
}  # fmt: skip


def fields(**changes: str | None) -> dict[str, str]:
    """A form that is filled in; None leaves a field out, as an unchecked box does."""
    return {name: value for name, value in {**SMARTHOST, **changes}.items() if value is not None}


def text_of(console: Client, url: str = "/routes/", **kwargs: Mapping[str, str]) -> str:
    """What a page says, without its tags."""
    return words(console.get(url, **kwargs).content.decode())  # type: ignore[arg-type]


def words(page: str) -> str:
    main = page.partition("<main")[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def add(console: Client, **changes: str | None) -> Route:
    response = console.post("/routes/add/", fields(**changes))
    assert (response.status_code, response.get("Location")) == (302, "/routes/"), words(
        response.content.decode()
    )
    return Route.objects.order_by("-id")[0]


def refusal(console: Client, url: str = "/routes/add/", **changes: str | None) -> str:
    before = Route.objects.count()
    response = console.post(url, fields(**changes))
    assert response.status_code == 422
    assert Route.objects.count() == before
    assert "Nothing is saved yet" in response.content.decode()
    return words(response.content.decode())


# --- The list ------------------------------------------------------------------------------------


def test_nobody_sees_routes_without_logging_in(client: Client, db: None) -> None:
    route = make_route()
    for page in ("", "add/", *(f"{route.pk}/{name}" for name in ("", "move/", "test/", "delete/"))):
        assert "/login/" in client.post(f"/routes/{page}").get("Location", ""), page
    assert "/login/" in client.post("/routes/default/test/")["Location"]
    assert Route.objects.count() == 1


def test_without_anything_the_list_says_that_mail_stays_here(
    console: Client, settings: Settings
) -> None:
    settings.RELAY_URL = ""
    text = text_of(console)
    assert "Everything else RELAY_URL is not set." in text
    assert "Stays in the local mailbox" in text
    assert "There are no routes yet" in text


def test_the_default_is_explained_without_its_password(console: Client, settings: Settings) -> None:
    settings.RELAY_URL = f"smtp://shop:{PASSWORD}@relay.example.net:587"
    text = text_of(console)
    assert "Everything else The default, from RELAY_URL." in text
    assert "relay.example.net:587" in text
    assert "logs in as shop" in text
    assert PASSWORD not in console.get("/routes/").content.decode()


def test_a_relay_url_that_cannot_be_read_is_shown_as_such(
    console: Client, settings: Settings
) -> None:
    settings.RELAY_URL = "http://relay.example.net"
    assert "Cannot be used" in text_of(console)
    assert "RELAY_URL must start with smtp:// or smtps://. Its mail waits." in text_of(console)


def test_a_route_says_what_it_takes_and_where_it_leads(console: Client) -> None:
    make_route(
        "Partner",
        mail_type="batch",
        sender_domains="a.example\nxn--bcher-kva.example",
        recipient_domains="b.example\nc.example\nd.example\n*.e.example\nf.example",
        security="required",
        user="shop",
        password=PASSWORD,
        source_ipv4="127.0.0.1",
        max_connections=1,
        mails_per_minute=60,
    )
    text = text_of(console)
    assert (
        "Batch Mail from a.example or bücher.example to b.example, c.example, d.example or 2 more"
        in text
    )
    assert (
        "smtp.example.net:587 STARTTLS, required, certificate checked · logs in as shop · "
        "from 127.0.0.1 · up to 1 connection · 60 mails a minute" in text
    )


def test_each_kind_of_route_says_where_it_leads(console: Client) -> None:
    make_route("Direct", kind="mx", recipient_domains="a.example")
    make_route("Trials", kind="mailbox", recipient_domains="b.example", is_enabled=False)
    text = text_of(console)
    assert "Straight to the recipients' mail servers" in text
    assert "Stays in the local mailbox" in text
    assert re.search(r"Direct On Switch off", text)
    assert re.search(r"Trials Off Switch on", text)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"security": "never"}, "never sends a password over a connection without TLS"),
        ({"security": "required", "verify_tls": False}, "whoever answers in the server's place"),
        (
            {"security": "when-offered", "verify_tls": False},
            "whoever answers in the server's place",
        ),
    ],
    ids=lambda changes: changes.get("security") if isinstance(changes, dict) else None,
)
def test_credentials_in_danger_are_warned_of(
    console: Client, changes: dict[str, object], said: str
) -> None:
    route = make_route(user="shop", password=PASSWORD, **changes)
    assert said in text_of(console)
    Route.objects.filter(pk=route.pk).update(host="127.0.0.1")
    assert said not in text_of(console)


def test_a_route_that_no_mail_reaches_is_pointed_out(console: Client) -> None:
    make_route("All", position=1)
    make_route("Never", position=2, mail_type="batch")
    assert "No mail comes this far: All takes everything before it." in text_of(console)
    Route.objects.filter(name="All").update(is_enabled=False)
    assert "No mail comes this far" not in text_of(console)


def test_a_password_that_cannot_be_read_is_shown_as_such(console: Client) -> None:
    route = make_route(user="shop", sealed_password="sealed under another key")
    assert "Cannot be used" in text_of(console)
    assert "encrypted under another SECRET_KEY" in text_of(console)
    assert "encrypted under another SECRET_KEY" in text_of(console, f"/routes/{route.pk}/")
    assert "encrypted under another SECRET_KEY" in text_of(console, f"/routes/{route.pk}/test/")


@pytest.mark.parametrize("allowed", [True, False])
def test_mail_that_stays_here_all_the_same_is_explained(
    console: Client, settings: Settings, *, allowed: bool
) -> None:
    settings.RELAY_URL, settings.ALLOW_UNVERIFIED_DOMAINS = "", allowed
    assert "ALLOW_UNVERIFIED_DOMAINS" not in text_of(console)
    make_route()
    assert ("ALLOW_UNVERIFIED_DOMAINS" in text_of(console)) is not allowed


def test_htmx_gets_the_list_alone(console: Client) -> None:
    make_route("One")
    page = console.get("/routes/", headers=HTMX).content.decode()
    assert page.lstrip().startswith('<div id="routes"')
    assert "<html" not in page


def test_every_page_has_its_fragment(console: Client) -> None:
    route = make_route()
    for page in ("add/", f"{route.pk}/", f"{route.pk}/delete/", f"{route.pk}/test/"):
        content = console.get(f"/routes/{page}", headers=HTMX).content.decode()
        assert "<form" in content, page
        assert "<html" not in content, page


def test_names_are_shown_as_text(console: Client) -> None:
    route = make_route("<script>alert(1)</script>")
    for page in ("/routes/", f"/routes/{route.pk}/", f"/routes/{route.pk}/delete/"):
        assert "<script>alert" not in console.get(page).content.decode()


# --- Adding and editing --------------------------------------------------------------------------


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


# --- Order, switches, deletion -------------------------------------------------------------------


def names() -> list[str]:
    return [route.name for route in Route.objects.all()]


def test_a_route_moves_up_and_down(console: Client) -> None:
    routes = {name: make_route(name, position=9) for name in ("A", "B", "C")}
    for name, direction, order in (
        ("C", "up", "ACB"), ("C", "up", "CAB"), ("C", "up", "CAB"), ("A", "down", "CBA"),
        ("A", "down", "CBA"),
    ):  # fmt: skip
        response = console.post(f"/routes/{routes[name].pk}/move/", {"direction": direction})
        assert response["Location"] == "/routes/"
        assert names() == list(order)
    assert list(Route.objects.values_list("position", flat=True)) == [1, 2, 3]


def test_a_move_to_nowhere_is_refused(console: Client) -> None:
    response = console.post(f"/routes/{make_route().pk}/move/", {"direction": "\0sideways"})
    assert response.status_code == 400


def test_a_route_is_switched_off_and_on(console: Client) -> None:
    route = make_route("One")
    console.post(f"/routes/{route.pk}/disable/")
    route.refresh_from_db()
    assert not route.is_enabled
    response = console.post(f"/routes/{route.pk}/enable/", headers=HTMX)
    route.refresh_from_db()
    assert route.is_enabled
    assert response.status_code == 204
    assert "The route One is on." in response["HX-Trigger"]


@pytest.mark.parametrize("action", ["move", "enable", "disable"])
def test_a_link_changes_nothing(console: Client, action: str) -> None:
    assert console.get(f"/routes/{make_route().pk}/{action}/").status_code == 405


def test_a_route_is_deleted_after_a_question(console: Client) -> None:
    route = make_route("Old")
    assert "Delete this route?" in text_of(console, f"/routes/{route.pk}/delete/")
    assert names() == ["Old"]
    assert console.post(f"/routes/{route.pk}/delete/")["Location"] == "/routes/"
    assert names() == []


@pytest.mark.parametrize("page", ["", "move/", "enable/", "disable/", "delete/", "test/"])
def test_a_route_that_is_gone_is_not_found(console: Client, page: str) -> None:
    assert console.post(f"/routes/999/{page}", {"direction": "up"}).status_code == 404
    assert console.post(f"/routes/{'9' * 30}/{page}", {"direction": "up"}).status_code == 404


def test_every_page_asks_for_the_token_of_its_form(console: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = console.cookies
    route = make_route()
    pages = ("add/", f"{route.pk}/", f"{route.pk}/move/", f"{route.pk}/delete/", "default/test/")
    for page in pages:
        assert strict.post(f"/routes/{page}", fields()).status_code == 403, page


# --- The audit trail -----------------------------------------------------------------------------


def changes_in(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str, str]]:
    """Operator, route, change and fields of each line."""
    found = [vars(line) for line in caplog.records if line.getMessage() == "route.changed"]
    return [(each["operator"], each["route"], each["change"], each["fields"]) for each in found]


def test_every_change_leaves_a_line_without_secrets(
    console: Client, caplog: pytest.LogCaptureFixture
) -> None:
    make_route("First", position=1)
    with caplog.at_level(logging.INFO):
        route = add(console)
        page = f"/routes/{route.pk}/"
        console.post(page, fields(password="another secret", port="587", security="required"))
        console.post(page, fields(password="", port="587", security="required"))
        console.post(f"{page}disable/")
        console.post(f"{page}disable/")
        console.post(f"{page}move/", {"direction": "up"})
        console.post(f"{page}move/", {"direction": "up"})
        console.post(f"{page}delete/")
    who = "operator@example.com", "Newsletter relay"
    created, *others = changes_in(caplog)
    assert created[:3] == (*who, "created")
    assert created[3].endswith(",password")
    assert others == [
        (*who, "changed", "port,security,password"),
        (*who, "disabled", "is_enabled"),
        (*who, "moved", "position"),
        (*who, "deleted", ""),
    ]
    lines = "\n".join(str(vars(line)) for line in caplog.records)
    assert PASSWORD not in lines
    assert "another secret" not in lines
