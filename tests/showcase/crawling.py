"""Finds the console's pages as a visitor does, by following its links: one page of each kind."""

import re
from collections import deque
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from django.urls import resolve

from tests.journeys.console import Console, Page

_LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)')


def pages_by_name(console: Console, starts: Iterable[str]) -> dict[str, str]:
    """The path of one page for each name of a URL. A link that leads nowhere fails."""
    seen: dict[str, str] = {}
    found: dict[str, str] = {}
    waiting = deque(starts)
    while waiting:
        path = waiting.popleft()
        name = resolve(urlsplit(path).path).view_name
        if name in seen:
            continue
        seen[name] = path
        page = console.get(path)
        assert page.status == 200, f"{path}: {page.status}"
        if b"<!DOCTYPE html>" in page.body[:500]:
            found[name] = path
            waiting.extend(_links(page, path))
    return found


def _links(page: Page, path: str) -> list[str]:
    here = [urljoin(path, link) for link in _LINK.findall(page.text)]
    return [each for each in here if each.startswith("/") and not each.startswith("/static/")]
