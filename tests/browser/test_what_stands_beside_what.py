"""Distances and lines that a stylesheet may lose without anybody noticing."""

import pytest
from playwright.sync_api import FloatRect, Locator, Page

from tests.browser.clicking import log_in
from tests.browser.test_acting_on_mail import make_waiting
from tests.journeys.relaying import make_sender
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 812}
LEAST_PX = 12
"""Between things that have a frame."""


def box(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found is not None
    return found


def gap(above: Locator, below: Locator) -> float:
    upper = box(above)
    return box(below)["y"] - upper["y"] - upper["height"]


def test_a_callout_on_a_mail_keeps_its_distance_from_the_life_of_it(
    page: Page, stack: Stack
) -> None:
    make_waiting(stack, "apart@x.example")
    suppressed = stack.manage("suppress", "apart@x.example")
    assert suppressed.returncode == 0, suppressed.stderr
    log_in(page, stack)
    page.goto("/mail-log/?q=apart@")
    page.locator("tbody a[href^='/mail-log/']").first.click()
    callout = page.locator(".notice", has_text="This recipient is now suppressed")
    assert gap(callout, page.locator("#mail .timeline").first) >= LEAST_PX


def test_open_invitations_keep_their_distance_from_the_people(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    page.goto("/people/invite/")
    page.get_by_label("E-mail address").fill("apart@example.com")
    page.get_by_role("button", name="Send the invitation").click()
    page.goto("/people/")
    invitations = page.locator("section", has=page.locator("#invitations"))
    assert gap(invitations, page.locator("#people")) >= LEAST_PX


def test_the_numbers_of_the_overview_stand_on_one_line(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    page.locator(".tile-label").first.evaluate("each => each.append(' and more than one line')")
    first, second = (page.locator(".tile-value").nth(at) for at in (0, 1))
    assert box(page.locator(".tile").nth(0))["y"] == box(page.locator(".tile").nth(1))["y"]
    assert box(first)["y"] == pytest.approx(box(second)["y"], abs=1)


def test_the_name_of_a_password_gives_way_to_its_menu(page: Page, stack: Stack) -> None:
    address = "apart-password@example.com"
    make_sender(stack, address, "trigger")
    log_in(page, stack)
    page.goto("/sender-addresses/?q=apart-password")
    page.get_by_role("link", name=address, exact=True).first.click()
    head = page.locator(".credential-head").first
    head.locator("strong").evaluate("name => name.append(' with several words that take lines')")
    middles = [box(part)["y"] + box(part)["height"] / 2 for part in head.locator("> *").all()]
    assert middles == pytest.approx([middles[0]] * 3, abs=2)
    right = box(head)["x"] + box(head)["width"]
    menu = box(head.locator(".menu"))
    assert menu["x"] + menu["width"] == pytest.approx(right, abs=2)


def test_on_a_phone_a_change_of_the_audit_log_stands_on_the_line_of_its_name(
    page: Page, stack: Stack
) -> None:
    log_in(page, stack)
    page.set_viewport_size(PHONE)
    page.goto("/audit/")
    change = page.locator(".change", has_text="Proven by").first
    name, value = box(change.locator("dt")), box(change.locator("dd"))
    assert value["y"] == pytest.approx(name["y"], abs=2)
    # The label of the column takes two lines.
    assert box(change.locator("xpath=ancestor::td"))["height"] > 1.5 * name["height"]
