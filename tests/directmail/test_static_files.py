"""What browsers may keep of the console, and how much they fetch."""

import gzip
import re

import pytest
from django.templatetags.static import static
from django.test import Client

from directmail.models import Operator

FOR_GOOD, FOR_NOW = "max-age=31536000, public, immutable", "max-age=60, public"
FILES = ["console.css", "console.js", "django_htmx/htmx-2.min.js", "favicon.svg"]
PAGE_KIB = 100


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_kept_for_good_at_the_address_of_its_content(client: Client, name: str) -> None:
    assert re.search(r"\?v=[0-9a-f]{12}$", static(name))
    answer = client.get(static(name))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == FOR_GOOD
    assert body_of(answer)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("query", ["", "?v=", "?v=of-another-release"], ids=["no", "empty", "old"])
def test_a_file_asked_for_by_another_version_is_not_kept(
    client: Client, name: str, query: str
) -> None:
    answer = client.get(f"/static/{name}{query}")
    assert answer.headers["Cache-Control"] == FOR_NOW
    body_of(answer)


def test_the_stylesheet_is_all_its_parts_tokens_first(client: Client) -> None:
    text = client.get("/static/console.css").text
    assert text.index("--canvas") < text.index(".sidebar") < text.index(".dialog")


def test_what_is_not_there_has_no_version_and_no_answer(client: Client) -> None:
    assert static("nothing.css") == "/static/nothing.css"
    assert client.get("/static/nothing.css").status_code == 404


@pytest.mark.parametrize("name", FILES[:3])
def test_files_travel_compressed(client: Client, name: str) -> None:
    answer = client.get(static(name), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(body_of(answer)) == body_of(client.get(static(name)))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/sender-addresses/", "/mail-log/", "/login/"])
def test_a_first_visit_fetches_at_most_100_kib(client: Client, path: str) -> None:
    if path != "/login/":
        client.force_login(Operator.objects.create_user("operator@example.com"))
    page = client.get(path, headers={"Accept-Encoding": "gzip"})
    text = gzip.decompress(page.content).decode()
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', text))
    assert files
    fetched = [client.get(file, headers={"Accept-Encoding": "gzip"}) for file in files]
    size = len(page.content) + sum(len(body_of(answer)) for answer in fetched)
    assert size <= PAGE_KIB * 1024
