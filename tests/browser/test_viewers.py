"""A viewer in a browser: nothing to press, and nothing gets through that is sent all the same."""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import dialog_of, log_in, open_page
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser
ADDRESS, PASSWORD = "seen@example.com", "correct horse battery"
_numbers = itertools.count(1)
# Words of everything that changes something.
DOING = re.compile(
    r"^(Create|Add|Set|Change|Suspend|Delete|Generate|Verify|Send|Edit|Retry|Move)\b"
)
# A link to a mail is called by its subject, whatever that says.
TO_PRESS = "button, a:not([href^='/mail-log/']):not([href^='/mailbox/'])"
PAGES = (
    "/",
    "/sender-addresses/",
    "/domains/",
    "/dkim-keys/",
    "/mail-log/",
    "/mailbox/",
    "/routes/",
)


@pytest.fixture
def email() -> str:
    """Of a person whom no other test has made something else."""
    return f"viewer{next(_numbers)}@example.com"


@pytest.fixture
def viewer(browser: Browser, stack: Stack, email: str) -> Iterator[Page]:
    """The page of a viewer, and an address to look at."""
    made = stack.manage("create_sender_address", ADDRESS, "--mail-type", "trigger")
    assert made.returncode == 0 or "exists already" in made.stderr
    typed = ("create_operator", email, "--role", "viewer", "--password-stdin")
    made = stack.manage(*typed, typed=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    context = browser.new_context(base_url=stack.web_url)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label(re.compile("e-mail", re.I)).fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    yield page
    context.close()


def test_a_viewer_sees_the_pages_and_nothing_to_press(viewer: Page) -> None:
    for path in PAGES:
        viewer.goto(path)
        main = viewer.get_by_role("main")
        expect(main.get_by_role("heading", level=1)).to_be_visible()
        texts = main.locator(TO_PRESS).all_inner_texts()
        assert not [text for text in texts if DOING.match(text)]
    for name in ("People", "Audit Log"):
        expect(viewer.get_by_role("navigation").get_by_role("link", name=name)).to_have_count(0)


def test_what_a_viewer_sends_all_the_same_is_refused(viewer: Page) -> None:
    viewer.goto("/sender-addresses/")
    row = viewer.locator("tr", has_text=ADDRESS)
    number = (row.get_attribute("id") or "").removeprefix("sender-")
    token = viewer.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    for path in (f"{number}/suspend/", f"{number}/delete/", "create/"):
        answer = viewer.request.post(
            f"/sender-addresses/{path}",
            headers={"X-CSRFToken": token, "Referer": viewer.url},
            form={"address": "more@example.com", "mail_type": "trigger"},
        )
        assert answer.status == 403
        assert "You are a viewer" in answer.text()
    viewer.reload()
    expect(row).to_be_visible()
    expect(row).not_to_contain_text("Suspended")
    expect(viewer.locator("tr", has_text="more@example.com")).to_have_count(0)


def test_an_admin_makes_a_viewer_an_operator_and_finds_it_in_the_audit_log(
    page: Page, stack: Stack, viewer: Page, email: str
) -> None:
    log_in(page, stack)
    open_page(page, "People")
    row = page.locator("tr", has_text=email)
    row.locator("summary").click()
    row.get_by_role("link", name="Change role").click()
    dialog_of(page).get_by_role("radio", name="Operator").check()
    dialog_of(page).get_by_role("button", name="Change role").click()
    expect(row).to_contain_text("Operator")
    viewer.goto("/sender-addresses/create/")
    expect(viewer.get_by_role("button", name="Create")).to_be_visible()
    open_page(page, "Audit Log")
    entry = page.locator("tr", has_text="Changed the role").filter(has_text=email)
    expect(entry).to_contain_text(email)
    expect(entry).to_contain_text(stack.operator_email)
    expect(entry.locator("del")).to_contain_text("Viewer")
    expect(entry.locator("ins")).to_contain_text("Operator")
