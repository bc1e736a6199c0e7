"""Odd mails of tests/data/mails on every page that shows a mail."""

from pathlib import Path

import pytest

from tests.smtp_gateway.mails import attempt_all, make_mail

MAILS = {
    path.stem: path.read_bytes()
    for path in sorted((Path(__file__).parent.parent / "data" / "mails").glob("*.eml"))
}
HUGE = b"Subject: Huge\r\n" + b"X-Long: " + b"y" * 200_000 + b"\r\n" + b"X-Many: 1\r\n" * 600
MAILS["huge-headers"] = HUGE + b"\r\nText\r\n"


def shown(console, path):
    response = console.get(path)
    assert response.status_code == 200
    return response.content.decode()


def relayed(name):
    queue_id = make_mail(content=MAILS[name], subject="", message_id="")
    attempt_all("relayed", reply="250 Ok")
    return queue_id


@pytest.mark.parametrize("name", MAILS)
def test_each_has_all_of_its_pages(console, name):
    queue_id = relayed(name)
    for path in ("", "headers/", "contents/", *(f"contents/?view={v}" for v in VIEWS)):
        text = shown(console, f"/mail-log/{queue_id}/{path}")
        assert "</html>" in text
        assert len(text) < 500_000
    assert shown(console, f"/mail-log/{queue_id}/contents/html/")
    assert b"".join(console.get(f"/mail-log/{queue_id}/source/")) == MAILS[name]


VIEWS = ("html", "text", "headers", "source")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("eight-bit-headers", "Größe und 价格"),
        ("latin-1-headers", "J\ufffdrg"),
        ("right-to-left", "שלום"),
        ("folded-headers", "Café ✓ &lt;app@example.com&gt;"),
        ("folded-headers", "from a.example.com by b.example.com with ESMTPS;"),
        ("folded-headers", "by b.example.com\n with ESMTPS;"),
        ("folded-headers", "this line is no field"),
        ("huge-headers", "more fields are in the source"),
    ],
)
def test_headers_are_decoded_and_joined_with_what_came_beside_them(console, name, words):
    assert words in shown(console, f"/mail-log/{relayed(name)}/headers/")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("right-to-left", "שלום עולם"),
        ("nested-multiparts", "Deep words."),
        ("attached-mail", "The mail inside"),
        ("no-subject", "(no subject)"),
    ],
)
def test_what_they_say_is_readable(console, name, words):
    assert words in shown(console, f"/mail-log/{relayed(name)}/contents/?view=text")


def test_markup_of_a_mail_is_text_outside_of_its_frame(console):
    queue_id = relayed("markup-everywhere")
    for path in ("", "headers/", "contents/", "contents/?view=text", "contents/?view=source"):
        text = shown(console, f"/mail-log/{queue_id}/{path}")
        assert "<script>alert(1)" not in text
        assert "<img src=x" not in text
    response = console.get(f"/mail-log/{queue_id}/contents/html/")
    assert "sandbox allow-popups" in response["Content-Security-Policy"]
    assert "form-action 'none'" in response["Content-Security-Policy"]
