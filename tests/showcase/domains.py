"""The domains of the shop: one that is verified, with a record to mend, and one that is new."""

import json
import re

from tests.journeys.console import Console
from tests.journeys.stack import Stack
from tests.senders.domains.dns import put
from tests.showcase.crawling import first_link
from tests.showcase.furnishing import changed
from tests.smtp_gateway.relay.internet.names import Names
from tests.waiting import wait_for

OURS, NEW = "shop.example", "outlet.example"
_PUBLISHED = ("ownership", "dkim", "dmarc", "return-path-spf")
_PATIENCE_SECONDS = 90.0


def add_domains(stack: Stack, console: Console, names: Names) -> None:
    for domain in (OURS, NEW):
        changed(console, "/domains/add/", domain=domain)
    publish(stack, names)
    page = first_link(console, f"/domains/?q={OURS}", r"/domains/\d+/")
    wait_until_checked(console, page)
    console.submit(console.get(page), f"{page}check/")
    wait_until_checked(console, page)
    assert "Verified." in console.get(page).text


def publish(stack: Stack, names: Names) -> None:
    listed = json.loads(stack.manage("list_domains", "--json").stdout)
    (records,) = [each["records"] for each in listed if each["domain"] == OURS]
    for record in records:
        if record["kind"] in _PUBLISHED:
            put(names, record["name"], record["type"], record["wanted"])
    put(names, OURS, "TXT", "v=spf1 include:_spf.office.example -all")
    put(names, "_spf.office.example", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")


def wait_until_checked(console: Console, page: str) -> None:
    wait_for(
        lambda: re.search("next check", console.get(page).text),
        seconds=_PATIENCE_SECONDS,
        what=f"{page} is checked",
    )
