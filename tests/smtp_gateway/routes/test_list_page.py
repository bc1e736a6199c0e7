"""The Routes page: what it says of each route, and of the default."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from smtp_gateway.models import Route
from tests.smtp_gateway.routes.factories import PASSWORD, make_route
from tests.smtp_gateway.routes.pages import HTMX, text_of


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
