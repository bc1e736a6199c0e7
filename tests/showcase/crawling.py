"""Finds the console's pages as a visitor does, by following its links: one page of each kind."""

import re
from collections import deque
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.urls import resolve

from tests.journeys.console import Console, Page

_LINK = re.compile(r'<(?:a\b[^>]*?\shref|iframe\b[^>]*?\ssrc)="([^"#]+)')
_NAMED_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")


@dataclass
class Found:
    """Pages, and everything else that a link led to."""

    pages: dict[str, str] = field(default_factory=dict)
    """Path by `name_of` it."""
    routes: set[str] = field(default_factory=set)
    """As `tests.directmail.gates.table` writes them."""


def follow_links(console: Console, starts: Iterable[str], known: Set[str] = frozenset()) -> Found:
    """A link that leads nowhere fails. `known`: routes that need no other look."""
    found, asked = Found(), {*known}
    waiting = deque(starts)
    while waiting:
        path = waiting.popleft()
        if route_of(path) in asked:
            continue
        asked.add(route_of(path))
        page = console.get(path)
        assert page.status == 200, f"{path}: {page.status}"
        found.routes.add(route_of(page.url))
        if b"<!DOCTYPE html>" in page.body[:500]:
            found.pages[name_of(page.url)] = path
            waiting.extend(links(page, path))
    return found


def links(page: Page, path: str) -> list[str]:
    """Paths of this installation."""
    here = [urljoin(path, link) for link in _LINK.findall(page.text)]
    return [each for each in here if each.startswith("/") and not each.startswith("/static/")]


def first_link(console: Console, of: str, wanted: str) -> str:
    """The first one of that page that matches `wanted` as a whole."""
    found = [each for each in links(console.get(of), of) if re.fullmatch(wanted, each)]
    assert found, f"{of} has no {wanted}"
    return found[0]


def name_of(path: str) -> str:
    """As in "people change role"."""
    view = resolve(urlsplit(path).path).view_name.removeprefix("smtp_gateway:")
    return re.sub("[:_]", " ", view)


def route_of(path: str) -> str:
    return _NAMED_GROUP.sub(r"<\1>", resolve(urlsplit(path).path).route).strip("^$")
