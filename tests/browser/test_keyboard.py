"""All of it by keyboard: in which order, with the focus to be seen, and given back."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.clicking import dialog_of, log_in, row_of
from tests.browser.test_acting_on_mail import make_waiting
from tests.journeys.relaying import make_sender
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

SENDER = "keys@example.com"
PAGES = [
    *("/", "/sender-addresses/", "/mail-log/", "/smtp-sessions/", "/mailbox/", "/routes/"),
    *("/domains/", "/dkim-keys/", "/people/", "/audit/", "/account/", "/account/preferences/"),
]
# What has the focus: where it stands in the page, and whether anything shows it. A field in a frame
# of its own shows it there.
_FOCUSED = """
() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const shows = (each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  };
  const { width, height, top, bottom } = element.getBoundingClientRect();
  return {
    place: [...document.querySelectorAll("*")].indexOf(element),
    what: element.outerHTML.slice(0, 120),
    isShown: [element, element.parentElement, ...element.labels ?? []].some(shows),
    isOnScreen: width > 0 && height > 0 && bottom > 0 && top < innerHeight,
  };
}
"""


@pytest.fixture(scope="module", autouse=True)
def sender(stack: Stack) -> None:
    make_sender(stack, SENDER, "trigger")


def walked(page: Page) -> list[dict[str, Any]]:
    """What has the focus, Tab by Tab, until the page is through."""
    found: list[dict[str, Any]] = []
    while True:
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None or (found and focused["place"] == found[0]["place"]):
            return found
        found.append(focused)


def open_list(page: Page, stack: Stack) -> Locator:
    """Its row of SENDER."""
    log_in(page, stack)
    page.goto(f"/sender-addresses/?q={SENDER}")
    return row_of(page, SENDER)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.strip("/") or "overview")
def test_tab_goes_through_a_page_in_order_and_the_focus_is_seen(
    page: Page, stack: Stack, path: str
) -> None:
    log_in(page, stack)
    page.goto(path)
    steps = walked(page)
    places = [step["place"] for step in steps]
    assert places == sorted(places)
    assert len(steps) > 10
    assert [step["what"] for step in steps if not (step["isShown"] and step["isOnScreen"])] == []


def test_the_skip_link_leads_past_the_navigation(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    page.goto("/mail-log/")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_dialog_keeps_the_focus_forwards_and_backwards_and_gives_it_back(
    page: Page, stack: Stack
) -> None:
    row = open_list(page, stack)
    opener = row.locator("summary")
    opener.focus()
    page.keyboard.press("Enter")
    menu = row.get_by_role("link", name="Set SMTP Password")
    menu.focus()
    page.keyboard.press("Enter")
    expect(dialog_of(page)).to_be_visible()
    for key in ("Tab", "Shift+Tab"):
        seen = []
        for _ in range(20):
            page.keyboard.press(key)
            assert page.evaluate(
                "document.activeElement === document.body"
                " || document.getElementById('dialog').contains(document.activeElement)"
            )
            seen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        assert len(seen) > len({*seen})
    page.keyboard.press("Escape")
    expect(dialog_of(page)).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_dialog_from_the_button_below_ticked_rows_gives_the_focus_back(
    page: Page, stack: Stack
) -> None:
    make_waiting(stack, "keyed@x.example")
    log_in(page, stack)
    page.goto("/mail-log/?q=keyed")
    tick = row_of(page, "keyed@x.example").get_by_role("checkbox")
    tick.focus()
    page.keyboard.press("Space")
    button = page.locator(".ticked-bar").get_by_role("button", name="Cancel mail")
    button.focus()
    page.keyboard.press("Enter")
    expect(dialog_of(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_menu_opens_leads_on_and_closes_by_keyboard(page: Page, stack: Stack) -> None:
    row = open_list(page, stack)
    summary, first = row.locator("summary"), row.locator(".menu-items a").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_account_menu_changes_the_theme_by_keyboard(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    page.locator("details.account > summary").focus()
    page.keyboard.press("Space")
    dark = page.get_by_role("button", name="Dark", exact=True)
    dark.focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_arrow_keys_choose_a_snippet(page: Page, stack: Stack) -> None:
    open_list(page, stack).get_by_role("link", name=SENDER).first.press("Enter")
    expect(page.get_by_role("heading", name=SENDER, level=1)).to_be_visible()
    chosen = page.locator("input[name=snippet]:checked")
    chosen.focus()
    before = page.locator(".tab-panel:visible").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tab-panel:visible")).to_have_count(1)
    assert page.locator(".tab-panel:visible").inner_text() != before
    assert page.evaluate(_FOCUSED)["isShown"]


def test_what_an_action_came_to_is_announced(page: Page, stack: Stack) -> None:
    row = open_list(page, stack)
    live = page.locator("#toasts")
    expect(live).to_have_attribute("role", "status")
    expect(live).to_have_attribute("aria-live", "polite")
    row.locator("summary").press("Enter")
    row.get_by_role("link", name="Suspend").press("Enter")
    dialog_of(page).get_by_role("button", name="Suspend").press("Enter")
    expect(live).to_contain_text(re.compile("is suspended"))
    row.locator("summary").press("Enter")
    row.get_by_role("link", name="Resume").press("Enter")
    dialog_of(page).get_by_role("button", name="Resume").press("Enter")
    expect(live).to_contain_text(re.compile("again"))
