"""What the pages with lists share: reading the search field, and the addresses of other pages."""

from typing import Any

from django.http import HttpRequest

from smtp_gateway.keyset import Page


def search_text(request: HttpRequest) -> str:
    """The search field, without what PostgreSQL's text cannot hold."""
    return request.GET.get("q", "").replace("\0", "").strip()


def neighbours(request: HttpRequest, page: Page[Any]) -> dict[str, str]:
    """Addresses of the newer and the older page with the same filters; empty: there is none."""
    return {
        "newer_url": _url(request, "after", page.newer_than),
        "older_url": _url(request, "before", page.older_than),
    }


def _url(request: HttpRequest, name: str, key: int | None) -> str:
    if key is None:
        return ""
    query = request.GET.copy()
    for cursor in ("before", "after"):
        query.pop(cursor, None)
    query[name] = str(key)
    return f"{request.path}?{query.urlencode()}"
