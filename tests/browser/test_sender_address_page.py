"""From a new sender address to its first mail without leaving its page, clicked."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import dialog_of, log_in, open_page
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

SENDER = "o.neil+shop@example.com"
PHONE = {"width": 375, "height": 812}
SECONDS = 90


def create(page: Page, address: str) -> None:
    open_page(page, "Sender Addresses")
    page.get_by_role("link", name="Create Sender Address").first.click()
    dialog_of(page).get_by_label("Sender address").fill(address)
    dialog_of(page).get_by_role("radio", name=re.compile("^Trigger Mail")).check()
    dialog_of(page).get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=address)).to_be_visible()


def generate_password(page: Page) -> str:
    page.get_by_role("link", name="Set SMTP Password").first.click()
    dialog_of(page).get_by_role("button", name="Generate a password").click()
    password = dialog_of(page).locator("[data-copy-text]").first.text_content()
    # What stands behind the dialog has changed already.
    expect(page.locator(".sender-head")).to_contain_text("SMTP is on")
    dialog_of(page).get_by_role("link", name="Done").click()
    assert password
    return password


def host_of(page: Page) -> str:
    """What the page tells applications to connect to; in tests a name that nobody resolves."""
    return page.locator(".sender-settings [data-copy-text]").first.text_content() or ""


def chosen_snippet(page: Page, label: str) -> str:
    page.locator("label.tab-label", has_text=re.compile(f"^{label}$")).click()
    code = page.locator(".tab-panel:visible [data-copy-text]")
    expect(code).to_have_count(1)
    code.locator("xpath=ancestor::*[@data-copy-from]").get_by_role("button").click()
    text = str(page.evaluate("navigator.clipboard.readText()"))
    assert text.strip() == (code.text_content() or "").strip()
    return text


def test_the_copied_snippet_sends_the_first_mail_and_the_page_shows_it(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    log_in(page, stack)
    create(page, SENDER)
    expect(page.get_by_role("heading", name="Next steps")).to_be_visible()
    password = generate_password(page)
    keep_screenshot(page, "sender-address-new")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download directmail.pem").click()
    download.value.save_as(tmp_path / "directmail.pem")
    snippet = chosen_snippet(page, "Python").replace(host_of(page), "localhost")
    done = subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "SMTP_PASSWORD": password},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Nobody reloads: the page asks for its last mails itself, and then has no more steps to show.
    mails = page.locator("#sender-mails")
    expect(mails).to_contain_text("Hello from Python", timeout=SECONDS * 1000)
    expect(page.get_by_role("heading", name="Next steps")).to_be_hidden()
    expect(page.get_by_role("heading", name="Last 30 days")).to_be_visible()
    keep_screenshot(page, "sender-address")
    mails.get_by_role("link", name="Hello from Python").click()
    expect(page.get_by_role("heading", name="Hello from Python")).to_be_visible()


def test_deleting_it_leads_back_to_the_list(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    create(page, "short-lived@example.com")
    page.get_by_text("Actions for short-lived@example.com").locator("xpath=..").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    dialog_of(page).get_by_role("button", name="Delete").click()
    expect(page.get_by_text("short-lived@example.com is deleted.")).to_be_visible()
    expect(page).to_have_url(re.compile("/sender-addresses/$"))


def test_it_fits_a_phone_and_works_without_javascript(
    page: Page, browser: Browser, stack: Stack
) -> None:
    log_in(page, stack)
    create(page, "plain@example.com")
    state, url = page.context.storage_state(), page.url
    context = browser.new_context(storage_state=state, viewport=PHONE, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(url)
    expect(plain.get_by_role("heading", name="Next steps")).to_be_visible()
    plain.get_by_text("WordPress", exact=True).first.click()
    expect(plain.get_by_text("define( 'WPMS_SMTP_USER', 'plain@example.com' );")).to_be_visible()
    expect(plain.get_by_text("swaks --server")).to_be_hidden()
    plain.get_by_role("link", name="Set SMTP Password").first.click()
    plain.get_by_role("button", name="Generate a password").click()
    plain.goto(url)
    expect(plain.locator(".sender-head")).to_contain_text("SMTP is on")
    context.close()
    page.set_viewport_size(PHONE)
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep_screenshot(page, "sender-address-phone")
