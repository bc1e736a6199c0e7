"""A domain from nothing to verified: added, published in a real DNS server, found."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import dkim
import pytest
from dns.nameserver import Do53Nameserver
from dns.resolver import Resolver
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.clicking import dialog_of, log_in, open_page
from tests.browser.conftest import keep_screenshot
from tests.journeys.relaying import PASSWORD, make_sender, tables_of
from tests.journeys.sink import Sink, TakenMail, running_sink
from tests.journeys.stack import Stack, free_ports, running_stack
from tests.senders.domains.dns import names_running, put
from tests.smtp_gateway.relay.internet.names import Names
from tests.waiting import wait_for

pytestmark = pytest.mark.browser
DOMAIN, SENDER = "shop.example", "app@shop.example"
PATIENCE_SECONDS = 90.0
PHONE = {"width": 375, "height": 812}


@dataclass(frozen=True)
class World:
    """An installation with a next hop, and the DNS that it asks."""

    stack: Stack
    names: Names
    sink: Sink


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with names_running() as names, running_sink(free_ports(1)[0]) as sink:
        settings = {"DNS_SERVERS": names.server, "SMTP_HOSTNAME": "mail.directmail.test"}
        relay = {"RELAY_URL": f"smtp://127.0.0.1:{sink.port}"}
        names.add("mail.directmail.test A 192.0.2.10")
        with running_stack(**settings, **relay) as stack:
            make_sender(stack, SENDER, "trigger")
            yield World(stack, names, sink)


@pytest.fixture
def visitor(browser: Browser, world: World) -> Iterator[Page]:
    context = browser.new_context(
        base_url=world.stack.web_url, viewport={"width": 1440, "height": 900}
    )
    yield context.new_page()
    context.close()


def submit(world: World, recipient: str) -> None:
    trusted = ssl.create_default_context(cafile=str(world.stack.var_dir / "tls" / "cert.pem"))
    trusted.check_hostname = False
    with smtplib.SMTP("127.0.0.1", world.stack.smtp_port, timeout=PATIENCE_SECONDS) as smtp:
        smtp.starttls(context=trusted)
        smtp.login(SENDER, PASSWORD)
        head = f"From: {SENDER}\r\nTo: {recipient}\r\nSubject: Hello\r\n\r\nHello.\r\n"
        smtp.sendmail(SENDER, [recipient], head)


def record_of(page: Page, title: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=title))


def publish(world: World, record: Locator) -> None:
    """What a person copies from the page into the form of their DNS provider."""
    kind = record.locator("dd").first.inner_text()
    name, value = record.locator("[data-copy-text]").all_inner_texts()[:2]
    put(world.names, name, kind, value)


def check_now(page: Page) -> None:
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("next check")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)


def taken(world: World, recipient: str) -> TakenMail:
    def found() -> TakenMail | None:
        mails = [mail for mail in world.sink.taken if recipient in mail.recipients]
        return mails[0] if mails else None

    return wait_for(found, seconds=PATIENCE_SECONDS, what=f"{recipient} got mail")


def is_signed_for_receivers(world: World, content: bytes) -> bool:
    """Whether dkimpy verifies it by what DNS says."""
    resolver = Resolver(configure=False)
    resolver.nameservers = [Do53Nameserver(world.names.address, world.names.port)]

    def txt(name: bytes, timeout: int = 5) -> bytes | None:
        (record,) = resolver.resolve(name.decode(), "TXT")
        return b"".join(record.strings)

    return dkim.verify(content, dnsfunc=txt)


def test_a_domain_goes_from_nothing_to_verified_and_its_keys_are_rotated(
    visitor: Page, world: World
) -> None:
    page = visitor
    log_in(page, world.stack)
    submit(world, "early@example.org")
    reason = "SELECT attempt.reason FROM smtp_gateway_attempt AS attempt"
    kept = wait_for(
        lambda: tables_of(world.stack).rows(reason), seconds=PATIENCE_SECONDS, what="it is kept"
    )
    assert "nobody has verified the domain shop.example" in kept[0][0]

    open_page(page, "Domains")
    expect(page.locator("#unadded")).to_be_visible()
    page.get_by_role("link", name=f"Add {DOMAIN}").click()
    expect(dialog_of(page).locator("[name=domain]")).to_have_value(DOMAIN)
    dialog_of(page).get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name=DOMAIN, exact=True)).to_be_visible()
    expect(page.get_by_text("next check")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    expect(page.get_by_text("Not verified yet.")).to_be_visible()
    assert violations(page) == []
    keep_screenshot(page, "domain-pending")

    publish(world, record_of(page, "Ownership"))
    check_now(page)
    expect(record_of(page, "Ownership")).to_contain_text("Found")
    expect(page.get_by_text("A DKIM key has to be found")).to_be_visible()
    for record in record_of(page, re.compile("^DKIM key")).all():
        publish(world, record)
    check_now(page)
    expect(page.get_by_text("Verified.")).to_be_visible()
    assert violations(page) == []
    keep_screenshot(page, "domain-verified")

    submit(world, "late@example.org")
    mail = taken(world, "late@example.org")
    assert b"d=shop.example;" in mail.content
    assert is_signed_for_receivers(world, mail.content)

    page.get_by_role("group").locator("summary", has_text="Actions").click()
    page.get_by_role("link", name="Rotate the DKIM keys").click()
    dialog_of(page).get_by_role("button", name="Generate new keys").click()
    expect(page.get_by_text("The new keys take over by themselves")).to_be_visible()
    for record in record_of(page, re.compile(r"^DKIM key .*-2")).all():
        publish(world, record)
    check_now(page)
    expect(page.locator("#keys").locator("..").locator("..").get_by_text("Retired")).to_have_count(
        2
    )
    expect(page.get_by_text("Keep its DNS record until").first).to_be_visible()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.emulate_media(color_scheme="dark")
    for path in (page.url, "/domains/", f"{page.url}rotate/", "/domains/add/"):
        page.goto(path)
        assert violations(page) == []
        keep_screenshot(page, f"domain-phone-{path.count('/')}")
