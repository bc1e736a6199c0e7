"""Test this route, over HTTP: the page comes in parts, as the dialogue goes on."""

import logging
from collections.abc import Iterator
from typing import cast

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from pytest_django import Settings

from smtp_gateway.models import Route
from tests.smtp_gateway.relay.next_hop import HANG, Script, ScriptedHop
from tests.smtp_gateway.routes.factories import PASSWORD, make_route
from tests.smtp_gateway.routes.hop_thread import served
from tests.smtp_gateway.routes.pages import words


def streamed(console: Client, route: Route | str, **fields: str) -> StreamingHttpResponse:
    name = route if isinstance(route, str) else str(route.pk)
    response = console.post(f"/routes/{name}/test/", fields)
    assert response.status_code == 200
    return cast("StreamingHttpResponse", response)


def parts(response: StreamingHttpResponse) -> Iterator[str]:
    """The page of a test, part for part."""
    return (bytes(part).decode() for part in response.streaming_content)  # type: ignore[arg-type]


def page(console: Client, route: Route | str, **fields: str) -> str:
    return "".join(parts(streamed(console, route, **fields)))


def route_to(hop: ScriptedHop, **changes: object) -> Route:
    return make_route(
        **{"host": "127.0.0.1", "port": hop.port, "security": "when-offered", **changes}
    )


def scripted(verb: str, reply: str) -> Script:
    return lambda asked, argument: reply if asked == verb else None


def test_the_page_asks_before_it_connects(console: Client) -> None:
    with served(ScriptedHop()) as hop:
        text = words(console.get(f"/routes/{route_to(hop).pk}/test/").content.decode())
        assert hop.connections == 0
    assert "Test now" in text
    assert "What was said" not in text


def test_the_dialogue_comes_part_for_part_and_ends_with_the_finding(console: Client) -> None:
    with served(ScriptedHop()) as hop:
        found = list(parts(streamed(console, route_to(hop), recipient="Anna@Example.org")))
    assert "<h1>" in found[0]
    assert "220 hop.test" not in found[0]
    said = [words(part) for part in found[1:-3]]
    assert said[2].endswith("Server 220 hop.test ESMTP")
    assert said[-1].endswith("Server 221 2.0.0 Bye")
    assert "RCPT TO:<anna@example.org>" in hop.commands
    assert "This route works" in found[-2]
    assert found[-1].rstrip().endswith("</html>")
    assert "DATA" not in hop.verbs


def test_a_proxy_and_a_cache_are_told_to_pass_it_on(console: Client) -> None:
    with served(ScriptedHop()) as hop:
        response = streamed(console, route_to(hop))
        assert "This route works" in "".join(parts(response))
    assert response["X-Accel-Buffering"] == "no"
    assert "no-store" in response["Cache-Control"]
    assert "script-src 'nonce-" in response["Content-Security-Policy"]


def test_a_refused_log_in_is_explained_without_the_password(
    console: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with served(ScriptedHop(users={"shop": "other"})) as hop, caplog.at_level(logging.DEBUG):
        content = page(console, route_to(hop, user="shop", password=PASSWORD))
    assert "Log-in refused" in content
    assert "AUTH PLAIN [" in content
    assert PASSWORD not in content
    (line,) = [vars(each) for each in caplog.records if each.getMessage() == "route.tested"]
    assert (line["operator"], line["finding"]) == ("operator@example.com", "Log-in refused")
    assert PASSWORD not in str([vars(each) for each in caplog.records])


def test_what_a_server_says_is_shown_as_text(console: Client) -> None:
    script = scripted("CONNECT", "554 <script>alert(1)</script>")
    with served(ScriptedHop(script)) as hop:
        content = page(console, route_to(hop))
    assert "554 &lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert "Turned away" in content


def test_the_default_is_tested_too(console: Client, settings: Settings) -> None:
    with served(ScriptedHop()) as hop:
        settings.RELAY_URL = f"smtp://127.0.0.1:{hop.port}"
        assert "This route works" in page(console, "default")
    assert hop.connections == 1


@pytest.mark.parametrize("sender", ["", "news@example.com"])
def test_the_sender_is_asked_about(console: Client, settings: Settings, sender: str) -> None:
    settings.SYSTEM_MAIL_FROM = "directmail@example.net"
    with served(ScriptedHop()) as hop:
        page(console, route_to(hop), recipient="anna@example.org", mail_from=sender)
    assert f"MAIL FROM:<{sender or 'directmail@example.net'}>" in hop.commands


def test_the_usual_sender_is_taken_as_it_is_set(console: Client, settings: Settings) -> None:
    settings.SYSTEM_MAIL_FROM = "directmail@machine"
    with served(ScriptedHop()) as hop:
        route = route_to(hop)
        assert 'value="directmail@machine"' in console.get(f"/routes/{route.pk}/test/").text
        page(console, route, recipient="anna@example.org", mail_from="directmail@machine")
    assert "MAIL FROM:<directmail@machine>" in hop.commands


@pytest.mark.parametrize("typed", ["anna", "anna@", "a@b@c", "anna@example.org>\r\nDATA", "x\0y"])
def test_what_is_no_address_is_refused(console: Client, typed: str) -> None:
    with served(ScriptedHop()) as hop:
        url = f"/routes/{route_to(hop).pk}/test/"
        for field in ("recipient", "mail_from"):
            assert console.post(url, {field: typed}).status_code == 422
    assert hop.connections == 0


def test_direct_delivery_asks_whose_servers(console: Client) -> None:
    url = f"/routes/{make_route(kind='mx').pk}/test/"
    assert "Recipient or domain" in console.get(url).content.decode()
    assert "Enter an address or a domain" in console.post(url).content.decode()
    for typed in ("*.example.org", "a.example b.example", "http://x"):
        said = html_of(console, url, typed)
        assert "is no domain. Write it as in example.org." in said


def html_of(console: Client, url: str, recipient: str) -> str:
    response = console.post(url, {"recipient": recipient})
    assert response.status_code == 422
    return response.content.decode()


def test_mail_that_stays_here_needs_no_test(console: Client, settings: Settings) -> None:
    settings.RELAY_URL = ""
    for url in (f"/routes/{make_route(kind='mailbox').pk}/test/", "/routes/default/test/"):
        assert "There is nothing to test" in console.get(url).content.decode()
        assert console.post(url).status_code == 422


def test_no_more_than_three_run_at_a_time(transactional_db: None, console: Client) -> None:
    with served(ScriptedHop(scripted("EHLO", HANG))) as hop:
        route = route_to(hop)
        running = [streamed(console, route) for _ in range(3)]
        for response in running:
            so_far = parts(response)
            assert "<h1>" in next(so_far)
            assert "Connecting to" in next(so_far)
        assert "Other tests are running." in page(console, route)
        for response in running:
            response.close()
    with served(ScriptedHop()) as hop:
        assert "This route works" in page(console, route_to(hop))
