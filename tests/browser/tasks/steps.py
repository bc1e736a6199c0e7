"""What an operator does, step by step."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.clicking import row_of
from tests.browser.tasks.visitor import Visitor
from tests.browser.tasks.world import SECONDS, World, is_refused, submit
from tests.waiting import wait_for


def create_address(visitor: Visitor, address: str, reply_to: str) -> str:
    """Returns the path of its page."""
    visitor.open("Sender Addresses")
    asked = visitor.ask_for("Create Sender Address")
    asked.get_by_label("Sender address").fill(address)
    asked.get_by_label("Reply-to address").fill(reply_to)
    asked.get_by_role("radio", name=re.compile("^Trigger Mail")).check()
    visitor.fits()
    visitor.press("Create")
    expect(visitor.page.get_by_role("heading", name=address)).to_be_visible()
    visitor.fits()
    return visitor.page.url


def verify_reply_to(visitor: Visitor, world: World, page_of_it: str, reply_to: str) -> None:
    visitor.page.goto(page_of_it)
    expect(visitor.main).to_contain_text("Not verified")
    visitor.ask_for("Verify the Return Address")
    visitor.press("Send the mail")
    said = visitor.page.get_by_text(f"A mail with a link is on its way to {reply_to}.")
    expect(said).to_be_visible()
    visitor.page.goto(page_of_it)
    expect(visitor.main).to_contain_text("Mail sent")
    owner = visitor.page.context.new_page()
    owner.goto(world.mailed_link(reply_to))
    owner.get_by_role("button", name="Confirm").click()
    expect(owner.get_by_role("heading", level=1)).to_contain_text("verified")
    owner.close()
    visitor.page.goto(page_of_it)
    expect(visitor.main.locator("[aria-labelledby=reply-to]")).to_contain_text("Verified")


def set_password(visitor: Visitor, page_of_it: str) -> str:
    visitor.page.goto(page_of_it)
    visitor.ask_for("Set SMTP Password")
    visitor.press("Generate a password")
    password = visitor.copied_password()
    visitor.asked.get_by_role("link", name="Done").click()
    return password


def find_mail(visitor: Visitor, recipient: str, state: str) -> None:
    """By the search of the mail log; opens it as soon as it is in that state."""
    visitor.open("Mail Log")
    visitor.page.get_by_label("Search the mail log").fill(recipient)
    if not visitor.has_script:
        visitor.page.get_by_role("button", name="Search").click()
    row = row_of(visitor.page, recipient)
    expect(row).to_have_count(1)
    reload_until(visitor.page, lambda: state in row.inner_text(), f"{recipient} is {state}")
    visitor.fits()
    row.get_by_role("link").first.click()
    expect(visitor.main).to_contain_text(recipient)
    visitor.fits()


def reload_until(page: Page, is_so: Callable[[], bool], what: str) -> None:
    def look() -> bool:
        page.reload()
        return is_so()

    assert is_so() or wait_for(look, seconds=SECONDS, what=what)


def read_why_it_bounced(visitor: Visitor, recipient: str) -> None:
    """In words, whose matter it is, what to do, the very reply, and what was said."""
    find_mail(visitor, recipient, "Bounced")
    main = visitor.main
    expect(main).to_contain_text(
        "550 5.1.1 The email account that you tried to reach does not exist"
    )
    expect(main.locator(".meaning").first).to_contain_text(
        "The recipient's mailbox does not exist."
    )
    expect(main.locator(".meaning").first).to_contain_text("It is the recipient's fault.")
    main.get_by_text("What DirectMail and the next hop said").first.click()
    expect(main.get_by_text(re.compile(rf"RCPT TO:<{re.escape(recipient)}>")).first).to_be_visible()
    visitor.fits()


def retry_deferred(visitor: Visitor, world: World, recipient: str) -> None:
    find_mail(visitor, recipient, "Deferred")
    expect(visitor.main).to_contain_text("450 4.7.1 Greylisted, please try again in 300 seconds")
    world.next_hop.mended.add(recipient)
    visitor.ask_for("Retry now")
    visitor.press("Retry now")
    expect(visitor.page.get_by_text(re.compile("is due now"))).to_be_visible()
    world.has_arrived(recipient)
    find_mail(visitor, recipient, "Relayed")


def rotate_password(visitor: Visitor, world: World, page_of_it: str, address: str, old: str) -> str:
    """Both work until the old one is revoked. Returns the new one."""
    visitor.page.goto(f"{page_of_it}credentials/")
    rows = visitor.main.locator(".credential")
    visitor.from_menu(rows.first, "Rotate")
    visitor.press("Rotate")
    new = visitor.copied_password()
    visitor.asked.get_by_role("link", name="Done").click()
    for password in (old, new):
        submit(world.stack, address, password, "both@example.net", "While it is rotated")
    expect(rows).to_have_count(2)
    visitor.from_menu(rows.filter(has_text="Expires soon"), "Revoke")
    visitor.press("Revoke")
    expect(visitor.page.get_by_text("1 password that ended")).to_be_visible()
    wait_for(lambda: is_refused(world.stack, address, old), seconds=SECONDS, what="its end")
    submit(world.stack, address, new, "both@example.net", "After that")
    return new


def check_connection(visitor: Visitor, page_of_it: str, password: str) -> None:
    visitor.page.goto(page_of_it)
    visitor.main.get_by_role("link", name="Check my connection").first.click()
    visitor.main.get_by_label("SMTP password").fill(password)
    visitor.main.get_by_label("Recipient").fill("check@example.net")
    visitor.main.get_by_role("button", name="Check now").click()
    expect(visitor.main.locator(".dialogue")).to_contain_text("235 2.7.0")
    expect(visitor.main).to_contain_text("This connection works")
    assert password not in visitor.page.content()
    visitor.fits()


def invite(visitor: Visitor, email: str, role: str) -> None:
    visitor.open("People")
    visitor.main.get_by_role("link", name="Invite somebody").click()
    visitor.main.get_by_label("E-mail address").fill(email)
    visitor.main.get_by_role("radio", name=re.compile(f"^{role}")).check()
    visitor.main.get_by_role("button", name="Send the invitation").click()
    expect(visitor.page.get_by_text(f"A mail with the invitation goes to {email}.")).to_be_visible()
    visitor.fits()


def accept_invitation(visitor: Visitor, link: str, password: str) -> None:
    visitor.page.goto(link)
    visitor.fits()
    visitor.page.get_by_label("Password", exact=True).fill(password)
    visitor.page.get_by_label("Password, once more").fill(password)
    visitor.page.get_by_role("button", name="Make my account").click()
    expect(visitor.page.get_by_role("heading", name="Overview")).to_be_visible()
