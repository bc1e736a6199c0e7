"""DKIM Keys as a person with a browser sees them: dialogs, copy buttons, a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicking import dialog_of, log_in, open_page
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def generate(page: Page, domain: str) -> None:
    open_page(page, "Domains")
    page.get_by_role("link", name="All DKIM keys").click()
    page.get_by_role("link", name="Generate DKIM Keys").first.click()
    dialog_of(page).get_by_label("Domain").fill(domain)
    dialog_of(page).get_by_role("button", name="Generate").click()
    expect(page.get_by_role("heading", name=domain)).to_be_visible()


def test_keys_are_generated_published_activated_and_retired(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    generate(page, "clicked.example")
    section = page.locator("section", has=page.get_by_role("heading", name="clicked.example"))
    expect(section).to_contain_text("Mail goes unsigned")
    keep_screenshot(page, "dkim-keys-new")
    rsa = section.locator("article", has_text="RSA, 2048 bits")
    rsa.get_by_role("button", name=re.compile("the value$")).click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{390,}=*", copied)
    rsa.get_by_role("link", name=re.compile("^Activate")).click()
    expect(dialog_of(page)).to_contain_text("Make sure that its record is in DNS")
    keep_screenshot(page, "dkim-keys-activate")
    dialog_of(page).get_by_role("button", name="Activate").click()
    expect(dialog_of(page)).to_be_hidden()
    expect(rsa).to_contain_text("Signs since")
    expect(section).not_to_contain_text("Mail goes unsigned")
    rsa.get_by_role("link", name=re.compile("^Retire")).click()
    expect(dialog_of(page)).to_contain_text("then goes out unsigned")
    dialog_of(page).get_by_role("button", name="Retire").click()
    expect(rsa).to_contain_text("Signed until")
    rsa.get_by_role("link", name=re.compile("^Delete")).click()
    dialog_of(page).get_by_role("button", name="Delete").click()
    expect(section.locator("article")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_fits_a_phone(page: Page, stack: Stack, scheme: str) -> None:
    log_in(page, stack)
    generate(page, f"{scheme}.a-domain-with-quite-a-long-name.example")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    keep_screenshot(page, f"dkim-keys-desktop-{scheme}")
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    keep_screenshot(page, f"dkim-keys-phone-{scheme}")
