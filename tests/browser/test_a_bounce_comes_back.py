"""An operator sees that a mail bounced later, why its recipient gets no more, and lifts that."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import log_in, open_page
from tests.browser.conftest import keep_screenshot
from tests.journeys.relaying import PATIENCE
from tests.journeys.returning import Running, refusal_at_rcpt, taking_back
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.journey]
GONE = "gone@example.net"


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with taking_back() as running:
        yield running


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Page]:
    context = browser.new_context(base_url=running.stack.web_url)
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    yield context.new_page()
    context.close()


def test_what_came_back_is_read_and_its_suppression_lifted(running: Running, page: Page) -> None:
    mail = running.relayed(GONE)
    assert running.bring(mail.mail_from, GONE)[0] == 250
    wait_for(lambda: running.came_back(GONE), seconds=PATIENCE, what="the bounce to be read")
    wait_for(lambda: refusal_at_rcpt(running, GONE), seconds=PATIENCE, what="the refusal at RCPT")
    log_in(page, running.stack)

    open_page(page, "Returns")
    expect(page.locator("main")).to_contain_text(GONE)
    page.goto(f"/mail-log/?q={GONE}")
    expect(page.locator("main")).to_contain_text("Bounced later")
    page.locator("main a[href^='/mail-log/']").filter(has_text=GONE).first.click()
    expect(page.locator("main")).to_contain_text("user unknown")
    keep_screenshot(page, "bounced-later")

    open_page(page, "Suppressions")
    row = page.get_by_role("row").filter(has_text=GONE)
    expect(row).to_contain_text("550 5.1.1")
    row.get_by_role("link", name=re.compile("^Lift")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("The mailbox is back.")
    keep_screenshot(page, "lift-suppression")
    dialog.get_by_role("button", name=re.compile("^Lift")).click()
    expect(page.get_by_role("row").filter(has_text=GONE)).to_have_count(0)
    wait_for(lambda: not refusal_at_rcpt(running, GONE), seconds=PATIENCE, what="mail to be taken")
