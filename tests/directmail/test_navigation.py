"""What the navigation leads to, for whom, and where one is."""

import re

import pytest
from django.test import Client

from tests.senders.factories import log_in

pytestmark = pytest.mark.django_db
ALL = [
    "Overview",
    "Sender Addresses",
    "Domains",
    "Standing",
    "Suppressions",
    "Mail Log",
    "Returns",
    "SMTP Sessions",
    "Preview",
    "Local Mailbox",
    "Policies",
    "Routes",
    "People",
    "Audit Log",
]


def navigation(client: Client, path: str = "/") -> str:
    found = re.search(r'<nav class="nav".*?</nav>', client.get(path).text, re.DOTALL)
    assert found
    return found[0]


def entries(html: str) -> list[str]:
    return re.findall(r"<span>([^<]+)</span>", html)


@pytest.mark.parametrize(
    ("role", "hidden"),
    [("admin", set()), ("operator", {"People"}), ("viewer", {"People", "Audit Log", "Preview"})],
    ids=["admin", "operator", "viewer"],
)
def test_it_leads_to_what_a_role_may_see(client: Client, role: str, hidden: set[str]) -> None:
    shown = entries(navigation(log_in(client, role)))
    assert shown == [name for name in ALL if name not in hidden]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "Overview"),
        ("/sender-addresses/", "Sender Addresses"),
        ("/sender-addresses/create/", "Sender Addresses"),
        ("/mail-log/", "Mail Log"),
        ("/mailbox/", "Local Mailbox"),
        ("/routes/", "Routes"),
        ("/people/", "People"),
    ],
    ids=lambda text: text.strip("/").replace(" ", "-"),
)
def test_it_says_where_one_is(client: Client, path: str, name: str) -> None:
    html = navigation(log_in(client), path)
    current = re.findall(r'aria-current="page">.*?<span>([^<]+)</span>', html, re.DOTALL)
    assert current == [name]


def test_every_entry_leads_somewhere(client: Client) -> None:
    log_in(client)
    for path in re.findall(r'href="([^"]+)"', navigation(client)):
        assert client.get(path).status_code == 200, path


def test_the_account_menu_has_the_theme_the_account_and_the_way_out(client: Client) -> None:
    menu = log_in(client).get("/").text.split('<details class="account"')[1].split("</details>")[0]
    for part in ('value="dark"', 'value="light"', 'value="system"', "/account/", "/logout/"):
        assert part in menu
