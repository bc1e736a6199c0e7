"""`list_routes` and `test_route`, as scripts see them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.routes.factories import PASSWORD, make_route
from tests.smtp_gateway.routes.hop_thread import served

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_routes_are_listed_in_their_order_with_the_default_last(settings: Settings) -> None:
    settings.RELAY_URL = "smtp://shop:secret@relay.example.net:587"
    make_route("Direct", kind="mx", position=2, is_enabled=False)
    make_route("Partner", position=1, mail_type="batch", user="shop", password=PASSWORD)
    assert run("list_routes").splitlines() == [
        "1  Partner  Batch Mail  smtp.example.net:587",
        "2  Direct (off)  All mail  Straight to the recipients' mail servers",
        "-  Everything else  relay.example.net:587",
    ]


def test_the_json_has_facts_and_no_secrets(settings: Settings) -> None:
    settings.RELAY_URL = ""
    make_route("Partner", user="shop", password=PASSWORD, security="never")
    text = run("list_routes", "--json")
    partner, default = json.loads(text)
    assert PASSWORD not in text
    assert (partner["number"], partner["host"], partner["port"]) == (1, "smtp.example.net", 587)
    assert (partner["security"], len(partner["warnings"])) == ("never", 1)
    assert (default["number"], default["kind"]) == (None, "mailbox")


def test_a_route_that_cannot_be_used_is_listed_as_such() -> None:
    make_route("Partner", user="shop", sealed_password="sealed under another key")
    assert "CANNOT BE USED: Its password was encrypted" in run("list_routes")


def test_a_route_is_tested_at_the_terminal() -> None:
    with served(ScriptedHop(extensions=("PIPELINING",))) as hop:
        make_route("Here", host="127.0.0.1", port=hop.port, security="when-offered")
        lines = run("test_route", "Here", "--recipient", "anna@example.org").splitlines()
    assert lines[0].endswith(f"Connecting to 127.0.0.1:{hop.port}.")
    assert any(line.endswith("DirectMail RCPT TO:<anna@example.org>") for line in lines)
    assert any(line == " " * 23 + "250 PIPELINING" for line in lines)
    assert lines[-1].startswith("This route works. DirectMail connected, without TLS.")


def test_the_default_is_tested_where_no_route_is_named(settings: Settings) -> None:
    with served(ScriptedHop()) as hop:
        settings.RELAY_URL = f"smtp://127.0.0.1:{hop.port}"
        assert "This route works" in run("test_route")


def test_a_route_that_does_not_work_ends_with_what_to_do() -> None:
    with served(ScriptedHop(users={"shop": "other"})) as hop:
        make_route(
            "Here",
            host="127.0.0.1",
            port=hop.port,
            security="when-offered",
            user="shop",
            password=PASSWORD,
        )
        with pytest.raises(CommandError, match=r"Log-in refused\. The server does not take"):
            run("test_route", "Here")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Nobody"], "There is no route Nobody."),
        (["Here"], "Its mail stays in the local mailbox."),
        (["Direct"], "Enter an address or a domain"),
        (["Direct", "--recipient", "a b"], "“a b” is no domain."),
    ],
    ids=lambda text: "-".join(text) if isinstance(text, list) else None,
)
def test_what_cannot_be_tested_is_said(arguments: list[str], said: str) -> None:
    make_route("Here", kind="mailbox")
    make_route("Direct", kind="mx")
    with pytest.raises(CommandError, match=said):
        run("test_route", *arguments)
