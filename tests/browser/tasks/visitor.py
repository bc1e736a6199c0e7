"""Somebody at the console, with or without JavaScript: what opens in a dialog for one is a page for
the other.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.browser.clicking import dialog_of
from tests.browser.clicking import open_page as open_by_navigation
from tests.browser.conftest import WANTED
from tests.journeys.stack import Stack

PATIENCE_MS = 60_000


@dataclass
class Visitor:
    """A browser of their own."""

    page: Page
    has_script: bool = True
    complaints: list[str] = field(default_factory=list)

    @property
    def asked(self) -> Locator:
        """Where an action asks for what it needs."""
        return dialog_of(self.page) if self.has_script else self.page.locator("main")

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def log_in(self, email: str, password: str) -> None:
        self.page.goto("/login/")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()

    def open(self, name: str) -> None:
        """By the navigation."""
        open_by_navigation(self.page, name)
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()

    def ask_for(self, name: str) -> Locator:
        """A link that opens a dialog, or its page; returns what it asks."""
        self.main.get_by_role("link", name=re.compile(f"^{name}")).first.click()
        expect(self.asked.locator("form").first).to_be_visible()
        return self.asked

    def from_menu(self, menu: Locator, name: str) -> Locator:
        menu.locator("summary").first.click()
        menu.get_by_role("link", name=name, exact=True).first.click()
        expect(self.asked.locator("form").first).to_be_visible()
        return self.asked

    def press(self, name: str) -> None:
        """The button of what is asked."""
        self.asked.get_by_role("button", name=name).first.click()

    def copied_password(self) -> str:
        """The one that is shown once."""
        shown = self.asked.locator("[data-copy-text]").first
        expect(shown).to_have_text(re.compile(r"^\s*[A-Za-z0-9]{20}\s*$"))
        return (shown.text_content() or "").strip()

    def fits(self) -> None:
        """Nobody has to scroll sideways."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            self.page.url
        )


@contextmanager
def visiting(browser: Browser, stack: Stack, **look: Any) -> Iterator[Visitor]:
    """Whatever their browser complains about fails the test."""
    context = browser.new_context(base_url=stack.web_url, **look)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    visitor = Visitor(context.new_page(), look.get("java_script_enabled", True))

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in WANTED):
            visitor.complaints.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: visitor.complaints.append(str(error.error)))
    yield visitor
    context.close()
    assert visitor.complaints == []
