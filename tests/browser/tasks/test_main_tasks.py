"""The main tasks from the first to the last: in light and dark, on a desk and a phone, and by
somebody whose browser runs no scripts.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.every_page import DESKTOP, PHONE
from tests.browser.tasks import steps
from tests.browser.tasks.visitor import Visitor, visiting
from tests.browser.tasks.world import World, running_world, submit
from tests.journeys.authenticator import code_of

pytestmark = [pytest.mark.browser, pytest.mark.journey]

PASSWORD = "correct horse battery"
WHOLE = {
    "light-desktop": {"color_scheme": "light", "viewport": DESKTOP},
    "dark-phone": {"color_scheme": "dark", "viewport": PHONE},
}
CORE = {
    "dark-desktop": {"color_scheme": "dark", "viewport": DESKTOP},
    "light-phone": {"color_scheme": "light", "viewport": PHONE},
    "no-scripts": {"viewport": DESKTOP, "java_script_enabled": False},
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world() as running:
        yield running


@pytest.fixture
def admin(name: str, browser: Browser, world: World) -> Iterator[Visitor]:
    """Logged in, with the look of that name."""
    with visiting(browser, world.stack, **{**WHOLE, **CORE}[name]) as visitor:
        visitor.log_in(world.stack.operator_email, world.stack.operator_password)
        expect(visitor.page.get_by_role("heading", name="Overview")).to_be_visible()
        visitor.fits()
        yield visitor


def first_mails(admin: Visitor, world: World, name: str) -> tuple[str, str]:
    """From an address to what becomes of its mails; returns its page and its password."""
    address, owner = f"{name}@example.com", f"owner.{name}@example.org"
    page_of_it = steps.create_address(admin, address, owner)
    steps.verify_reply_to(admin, world, page_of_it, owner)
    password = steps.set_password(admin, page_of_it)
    for recipient in ("friend", "gone", "grey"):
        submit(world.stack, address, password, f"{recipient}.{name}@example.net", "Hello")
    steps.find_mail(admin, f"friend.{name}@example.net", "Relayed")
    steps.read_why_it_bounced(admin, f"gone.{name}@example.net")
    steps.retry_deferred(admin, world, f"grey.{name}@example.net")
    return page_of_it, password


@pytest.mark.parametrize("name", CORE)
def test_from_an_address_to_the_fate_of_its_mails(admin: Visitor, world: World, name: str) -> None:
    page_of_it, password = first_mails(admin, world, name)
    steps.rotate_password(admin, world, page_of_it, f"{name}@example.com", password)


@pytest.mark.parametrize("name", WHOLE)
def test_all_of_it_and_a_viewer_who_sees_it_and_changes_nothing(
    admin: Visitor, world: World, browser: Browser, name: str
) -> None:
    page_of_it, password = first_mails(admin, world, name)
    password = steps.rotate_password(admin, world, page_of_it, f"{name}@example.com", password)
    steps.check_connection(admin, page_of_it, password)
    email = f"viewer.{name}@example.com"
    steps.invite(admin, email, "Viewer")
    with visiting(browser, world.stack, **WHOLE[name]) as viewer:
        steps.accept_invitation(viewer, world.mailed_link(email), PASSWORD)
        sees_all_and_changes_nothing(viewer, page_of_it)
    audit_log_tells(admin, world, name, email)


def sees_all_and_changes_nothing(viewer: Visitor, page_of_it: str) -> None:
    for path in (page_of_it, "/sender-addresses/", "/mail-log/", "/routes/", "/domains/"):
        viewer.page.goto(path)
        expect(viewer.main.locator("form[method=post], input[type=checkbox]")).to_have_count(0)
        expect(viewer.main.locator("a[data-dialog]")).to_have_count(0)
        viewer.fits()
    viewer.page.goto(page_of_it)
    assert post(viewer, f"{page_of_it}suspend/") == 403
    assert post(viewer, "/people/invite/", email="another@example.com", role="admin") == 403
    # The token is good: what everybody may do is done with it.
    assert post(viewer, "/theme/", theme="dark", next="/") == 200
    viewer.page.goto(page_of_it)
    expect(viewer.main).to_contain_text("SMTP is on")


def post(visitor: Visitor, path: str, **fields: str) -> int:
    """As somebody who makes up the form; returns the status."""
    token = visitor.page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = visitor.page.request.post(
        path,
        form={"csrfmiddlewaretoken": token, **fields},
        headers={"Referer": visitor.page.url},
    )
    return answer.status


def audit_log_tells(admin: Visitor, world: World, name: str, viewer: str) -> None:
    for found, action in (
        (f"{name}@example.com", "Revoked an SMTP password"),
        (f"{name}@example.com", "Created the sender address"),
        (viewer, "Invited somebody"),
    ):
        admin.page.goto("/audit/")
        admin.page.get_by_label("Search the audit log").fill(found)
        row = admin.page.locator("tbody tr", has_text=action).filter(has_text=found)
        expect(row.first).to_contain_text(world.stack.operator_email)
        admin.fits()


def test_without_scripts_somebody_is_invited_and_sets_up_two_factor(
    browser: Browser, world: World
) -> None:
    email, look = "factored@example.com", CORE["no-scripts"]
    with visiting(browser, world.stack, **look) as admin:
        admin.log_in(world.stack.operator_email, world.stack.operator_password)
        steps.invite(admin, email, "Operator")
    with visiting(browser, world.stack, **look) as invited:
        steps.accept_invitation(invited, world.mailed_link(email), PASSWORD)
        set_up_app(invited)
        code = invited.page.get_by_role("list", name="Unused codes").locator("code").first
        spare = code.inner_text()
        with visiting(browser, world.stack, **look) as elsewhere:
            log_in_with(elsewhere, email, spare)
            choose_dark(elsewhere)
            sign_out_others(elsewhere)
        invited.page.goto("/sender-addresses/")
        expect(invited.page.get_by_role("button", name="Log in", exact=True)).to_be_visible()


def set_up_app(visitor: Visitor) -> None:
    visitor.page.goto("/account/")
    visitor.main.get_by_role("link", name="Set up an authenticator app").click()
    key = visitor.main.locator("[data-copy-text]").inner_text().strip()
    visitor.page.get_by_label("Code from the app").fill(code_of(key))
    visitor.page.get_by_role("button", name="Set it up").click()
    expect(visitor.page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def log_in_with(visitor: Visitor, email: str, code: str) -> None:
    visitor.log_in(email, PASSWORD)
    expect(visitor.page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    visitor.page.get_by_label("Code").fill(code)
    visitor.page.get_by_role("button", name="Log in", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Overview")).to_be_visible()


def choose_dark(visitor: Visitor) -> None:
    visitor.page.locator("details.account > summary").click()
    visitor.page.get_by_role("button", name="Dark", exact=True).click()
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")


def sign_out_others(visitor: Visitor) -> None:
    visitor.page.goto("/account/")
    visitor.page.get_by_role("button", name="Sign out", exact=False).first.click()
    expect(visitor.page.get_by_role("button", name="Sign out", exact=False)).to_have_count(0)
