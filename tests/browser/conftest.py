"""Debian's Chromium, driven by Playwright. Skipped without one, except where CI is to have it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.every_page import Visit, visits
from tests.journeys.stack import Stack, running_stack
from tests.showcase.world import Showcase, running_showcase

# What some steps are about: refused forms, and the script of a mail that must not run.
WANTED = ("status of 4", "Response Status Error Code 4", "Blocked script execution in")
SCREENSHOTS = os.environ.get("SCREENSHOTS_DIR", "")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def showcase() -> Iterator[Showcase]:
    with running_showcase() as running:
        yield running


@pytest.fixture(scope="session")
def all_visits(showcase: Showcase) -> list[Visit]:
    return visits(showcase)


# Not for the session: while Playwright runs, Django takes this thread for a coroutine's.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("CI is to have a Chromium: see .ci/run")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page of a fresh visitor. Whatever the browser complains about fails the test."""
    complaints: list[str] = []
    context = browser.new_context(base_url=stack.web_url, viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.web_url)
    context.set_default_timeout(15_000)
    expect.set_options(timeout=15_000)

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in WANTED):
            complaints.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert complaints == []


def keep_screenshot(page: Page, name: str) -> None:
    """Where SCREENSHOTS_DIR asks for it: the picture of this moment, for the documentation."""
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", animations="disabled")
