"""One page of each kind of a running installation, by who sees it, open in a browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, StorageState

from tests.journeys.authenticator import code_of
from tests.journeys.console import Console
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack
from tests.showcase.crawling import Found, first_link, follow_links, links
from tests.showcase.furnishing import (
    FACTORED,
    INVITED,
    MOVED,
    UNPROVEN,
    VIEWER,
    console_of,
    look_at_list,
    mailed_link,
    opt_out_link,
)
from tests.showcase.world import Showcase
from tests.waiting import wait_for

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 812}
_CODE = "/account/two-factor/code/"
_FORGOTTEN = "/account/password/forgotten/"
_PATIENCE_SECONDS = 90.0
_MAIL = r"/mail-log/[0-9A-Z]{16}/"
# What its list has first.
_MORE = {
    "sender address": ("/sender-addresses/?q=receipts", r"/sender-addresses/\d+/"),
    "smtp session": ("/smtp-sessions/?q=receipts", r"/smtp-sessions/[0-9a-f]{16}/"),
    "mail, relayed": ("/mail-log/?state=relayed", _MAIL),
    "mail, deferred": ("/mail-log/?state=deferred", _MAIL),
    "mail, set aside": ("/mail-log/?state=held", _MAIL),
    "mail with files": ("/mail-log/?q=design@", _MAIL),
    "caught mail with files": ("/mailbox/?q=5004", r"/mailbox/[0-9A-Z]{16}/"),
    "mail, bounced later": ("/mail-log/?state=returned", _MAIL),
    "returned": ("/returns/?kind=failed", r"/returns/\d+/"),
    "session, refused": ("/smtp-sessions/?show=refused", r"/smtp-sessions/[0-9a-f]{16}/"),
    "domain, verified": ("/domains/?q=shop.example", r"/domains/\d+/"),
    "standing, braked": (
        "/sender-addresses/?q=offers",
        r"/sender-addresses/\d+/",
    ),
    "address, suspended": ("/sender-addresses/?q=old-shop", r"/sender-addresses/\d+/"),
}
_LISTS = {"mail log, bounced": "/mail-log/?state=bounced", "overview, 30 days": "/?period=30d"}


@dataclass(frozen=True)
class Visit:
    """Somebody with their cookies, and the pages that they look at."""

    cookies: StorageState
    found: Found

    @property
    def pages(self) -> dict[str, str]:
        return self.found.pages


def visits(showcase: Showcase) -> list[Visit]:
    """Each page once: an admin's, those about two-factor, and those before a log-in."""
    everything = _of_admin(showcase.stack)
    half, factored = _of_two_factor(showcase, everything.found.routes)
    return [everything, half, factored, _of_visitors(showcase)]


def _of_admin(stack: Stack) -> Visit:
    admin = Console(stack.web_url)
    admin.log_in(stack.operator_email, stack.operator_password)
    more = {name: first_link(admin, *place) for name, place in _MORE.items()}
    more["mail, bounced"] = _refused_in_words(admin)
    unlinked = ["/logout/", "/account/confirm/", *_ticked(admin), *_of_scripts(admin, more)]
    first = [more[name] for name in ("sender address", "caught mail with files", "mail, bounced")]
    found = follow_links(admin, [*first, *unlinked, "/", *more.values()])
    found.pages.update(more, **_LISTS)
    return Visit(cookies_of(admin), found)


def _of_two_factor(showcase: Showcase, known: set[str]) -> tuple[Visit, Visit]:
    """Before the code, and after it."""
    half, whole = (console_of(showcase.stack, FACTORED) for _ in range(2))
    page = whole.post(_CODE, code=code_of(showcase.app_key))
    assert "Overview" in page.text, page.text
    starts = ["/account/two-factor/app/remove/", "/account/recovery-codes/"]
    found = follow_links(whole, [*starts, "/account/two-factor/confirm/"], known)
    found.pages["account with two-factor"] = "/account/"
    return Visit(cookies_of(half), follow_links(half, [_CODE])), Visit(cookies_of(whole), found)


def _of_visitors(showcase: Showcase) -> Visit:
    """Nobody who is logged in: the log-in, and what is behind mailed links."""
    nobody = Console(showcase.stack.web_url)
    nobody.post(_FORGOTTEN, email=VIEWER)
    starts = ["/login/", f"{_FORGOTTEN}sent/", f"{_FORGOTTEN}done/"]
    starts += [_mailed(showcase.sink, to) for to in (INVITED, MOVED, VIEWER, UNPROVEN)]
    starts.append(
        wait_for(
            lambda: opt_out_link(showcase.sink), seconds=_PATIENCE_SECONDS, what="a newsletter"
        )
    )
    return Visit(cookies_of(nobody), follow_links(nobody, starts))


def _mailed(sink: Sink, to: str) -> str:
    return wait_for(
        lambda: mailed_link(sink, to), seconds=_PATIENCE_SECONDS, what=f"a mail to {to}"
    )


def _of_scripts(console: Console, more: dict[str, str]) -> Iterator[str]:
    """What pages ask for by themselves, and what a link leads to once its page is too long."""
    yield more["mail with files"] + "contents/"
    yield more["sender address"] + "mails/"
    yield more["sender address"] + "reply-to/state/"
    yield more["standing, braked"] + "standing/release/"
    yield more["sender address"] + "not-bulk/"
    yield look_at_list(console)
    attempt = re.search(r'id="said-(\d+)"', console.get(more["mail, bounced"]).text)
    assert attempt
    yield f"{more['mail, bounced']}attempts/{attempt[1]}/"


def _refused_in_words(console: Console) -> str:
    """A mail that bounced by what the next hop said: others were stopped before they got there."""
    bounced = links(console.get("/mail-log/?state=bounced"), "/mail-log/")
    mails = (each for each in bounced if re.fullmatch(_MAIL, each))
    return next(mail for mail in mails if 'id="said-' in console.get(mail).text)


def _ticked(console: Console) -> Iterator[str]:
    """What the buttons below ticked rows ask for."""
    for of, action in (
        ("/sender-addresses/", "/sender-addresses/ticked/suspend/"),
        ("/mailbox/", "/mailbox/delete/"),
    ):
        key = re.search(r'name="row" value="(\d+)"', console.get(of).text)
        assert key, of
        yield f"{action}?row={key[1]}"


def cookies_of(console: Console) -> StorageState:
    cookies: Any = [
        {
            "name": each.name,
            "value": each.value or "",
            "domain": each.domain,
            "path": "/",
            "expires": -1,
            "httpOnly": True,
            "secure": False,
            "sameSite": "Lax",
        }
        for each in console.cookies
    ]
    return StorageState(cookies=cookies, origins=[])


@contextmanager
def fresh_page(browser: Browser, stack: Stack, **options: Any) -> Iterator[Page]:
    """With an empty cache; `options` are those of a browser's context."""
    look = {"base_url": stack.web_url, "reduced_motion": "reduce"} | options
    context = browser.new_context(**look)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
