"""A level that falls and says why, its brake released, and a batch mail tried out before."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicking import dialog_of, log_in, open_page
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack
from tests.senders.factories import PASSWORD

pytestmark = pytest.mark.browser

SENDER, NEWS = "offers@falls.example", "news@falls.example"
# What a mailing to an old list leaves behind, and what the worker then does each minute.
MAILING = """
from django.utils import timezone
from smtp_gateway.tasks import watch_standings
from tests.smtp_gateway.standing.counted import count_day
count_day("offers@falls.example", timezone.now(), relayed=1_172, hard_bounces=68)
watch_standings()
"""


def create(page: Page, address: str) -> None:
    open_page(page, "Sender Addresses")
    page.get_by_role("link", name="Create Sender Address").first.click()
    dialog_of(page).get_by_label("Sender address").fill(address)
    dialog_of(page).get_by_role("radio", name=re.compile("^Batch Mail")).check()
    dialog_of(page).get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=address)).to_be_visible()


def test_a_level_falls_and_says_why_and_its_brake_is_released(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    create(page, SENDER)
    expect(page.locator(".sender-head")).to_contain_text("Level 5 · Neutral")
    done = stack.manage("shell", "-c", MAILING)
    assert done.returncode == 0, done.stderr

    page.reload()
    expect(page.locator(".sender-head")).to_contain_text("Level 1 · Braked")
    page.get_by_role("link", name="Why").click()
    expect(page.get_by_text("no mail of this address is accepted for now")).to_be_visible()
    expect(page.get_by_text("Down from level 5 to 1")).to_be_visible()
    because = "5.5 % of 1,240 mails were refused because the mailbox does not exist."
    expect(page.locator(".standing-history").get_by_text(because)).to_be_visible()
    keep_screenshot(page, "standing-braked")

    page.get_by_role("link", name="Release the brake").click()
    dialog_of(page).get_by_label("What was done about it?").fill("The old list is gone.")
    dialog_of(page).get_by_role("button", name="Release the brake").click()
    expect(page.get_by_text("The old list is gone.")).to_be_visible()
    expect(page.get_by_text("The brake was released")).to_be_visible()
    expect(page.get_by_text("no mail of this address is accepted for now")).to_have_count(0)

    page.get_by_role("link", name="Try other numbers").click()
    page.get_by_label("Of those: mailbox does not exist").fill("5")
    page.get_by_label("Bounced or expired").fill("10")
    page.get_by_role("button", name="Compute").click()
    expect(page.locator(".standing-level")).to_contain_text("8 of 10 · Good")


def test_a_batch_mail_is_tried_out_before_it_is_sent(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    create(page, NEWS)
    stack.manage("set_smtp_password", NEWS, "--password-stdin", typed=PASSWORD)
    open_page(page, "Preview")
    form = page.locator("form.preview-form")
    form.get_by_label("Sender address").select_option(label=NEWS)
    form.get_by_label("Recipients").fill("ann@home.example, broken@")
    form.get_by_label("Subject").fill("News")
    form.get_by_role("button", name="What would happen?").click()
    expect(page.get_by_text("Something of it would be refused")).to_be_visible()
    expect(page.get_by_text("501 5.1.3 Bad recipient address syntax")).to_be_visible()
    expect(page.get_by_text("List-Unsubscribe: <http")).to_be_visible()
    expect(page.get_by_text("Receivers will not offer one click")).to_be_visible()
    expect(page.get_by_role("heading", name="To home.example: Local mailbox")).to_be_visible()
    expect(page.get_by_role("heading", name="Lane for Batch Mail")).to_be_visible()
    keep_screenshot(page, "preview")
