"""The Routes pages as a test drives them: forms that are filled in, and what pages say."""

import html
import re
from collections.abc import Mapping

from django.test import Client

from smtp_gateway.models import Route
from tests.smtp_gateway.routes.factories import PASSWORD

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
