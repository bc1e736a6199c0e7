"""An SMTP password is rotated by clicking, while the one before goes on working."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicking import dialog_of, log_in
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser
_MAKE = """
from django.utils import timezone
from senders import services
sender = services.create_sender_address(
    address="rotated@example.com", mail_type="trigger", now=timezone.now())
services.set_smtp_password(sender, password="GoodPass1234")
print(sender.pk)
"""


def test_a_password_is_rotated_and_the_old_one_revoked(page: Page, stack: Stack) -> None:
    pk = stack.manage("shell", "-c", _MAKE).stdout.split()[-1]
    log_in(page, stack)
    page.goto(f"/sender-addresses/{pk}/credentials/")
    page.locator(".credential .menu summary").click()
    page.get_by_role("link", name="Rotate").click()
    expect(dialog_of(page).get_by_label("Name")).to_have_value("SMTP password (2)")
    dialog_of(page).get_by_role("button", name="Rotate").click()
    password = dialog_of(page).locator("[data-copy-text]").first.inner_text()
    assert re.fullmatch(r"[A-Za-z0-9]{20}", password)
    dialog_of(page).get_by_role("link", name="Done").click()
    rows = page.locator(".credential")
    expect(rows).to_have_count(2)
    old = rows.filter(has_text="Expires soon")
    old.locator("summary").click()
    old.get_by_role("link", name="Revoke").click()
    expect(dialog_of(page)).not_to_contain_text("SMTP will be off")
    dialog_of(page).get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("1 password that ended")).to_be_visible()
    assert password not in page.content()
