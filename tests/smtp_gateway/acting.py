"""Acting on mail as an operator's browser does: the question first, then its form."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from django.test import Client


class Form(HTMLParser):
    """Of a page: where its one POST form goes, its hidden fields and its buttons."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, list[str]] = {}
        self.has_button = False
        self._is_inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._is_inside = "/mail-log/actions/" in (values.get("action") or "")
            self.action = (self._is_inside and values["action"]) or self.action
        if self._is_inside and tag == "input" and values["name"] != "csrfmiddlewaretoken":
            self.fields.setdefault(values["name"] or "", []).append(values["value"] or "")
        self.has_button |= self._is_inside and tag == "button" and values.get("type") == "submit"


def question(console: Client, name: str, **selection: Any) -> Form:
    query = urlencode(selection, doseq=True)
    response = console.get(f"/mail-log/actions/{name}/?{query}")
    assert response.status_code == 200
    return Form(response.content.decode())


def act(console: Client, name: str, **selection: Any) -> Any:
    """Asks and answers; the response is that of the page which follows."""
    form = question(console, name, **selection)
    assert form.has_button
    return console.post(form.action, form.fields, follow=True)
