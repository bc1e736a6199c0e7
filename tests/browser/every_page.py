"""One page of each kind of a running installation, open in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, StorageState

from tests.browser.clicking import log_in
from tests.journeys.console import Console
from tests.journeys.stack import Stack
from tests.showcase.crawling import pages_by_name

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 812}
# Where the links of the pages alone do not lead: one mail of each fate.
STARTS = [
    "/",
    "/mail-log/?state=bounced",
    "/mail-log/?state=deferred",
]


def all_pages(stack: Stack) -> dict[str, str]:
    """Path by name."""
    console = Console(stack.web_url)
    console.log_in(stack.operator_email, stack.operator_password)
    return pages_by_name(console, STARTS)


def logged_in_state(browser: Browser, stack: Stack) -> StorageState:
    """The cookies of an operator."""
    context = browser.new_context(base_url=stack.web_url)
    log_in(context.new_page(), stack)
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def fresh_page(browser: Browser, stack: Stack, **options: Any) -> Iterator[Page]:
    """With an empty cache; `options` are those of a browser's context."""
    context = browser.new_context(base_url=stack.web_url, reduced_motion="reduce", **options)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
