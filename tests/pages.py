"""What tests read in pages."""

from html.parser import HTMLParser


def links(html: str, rel: str) -> list[str]:
    """Where the links of that relation lead."""
    found: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            values = dict(attrs)
            if tag == "a" and values.get("rel") == rel:
                found.append(values["href"] or "")

    Links().feed(html)
    return found
