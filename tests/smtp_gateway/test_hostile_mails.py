"""Mails made to hold up the console or to break a page: each is answered, with bounded work."""

import re
from email.message import EmailMessage

import pytest

from smtp_gateway import linked_text, mail_text, mailbox
from smtp_gateway.mailbox import html_page, read
from tests.smtp_gateway.mails import make_caught

MANY = 1_000_000
HTML = b"Content-Type: text/html\r\n\r\n"


def many(unit):
    return unit * (MANY // len(unit))


def patterns_of(*modules):
    return [
        value.pattern if isinstance(value.pattern, str) else value.pattern.decode()
        for module in modules
        for value in vars(module).values()
        if isinstance(value, re.Pattern)
    ]


# --- Work ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", patterns_of(mailbox, mail_text, linked_text))
def test_a_repetition_has_an_end_or_nothing_behind_it_that_could_fail(pattern):
    """One in the middle is tried again from each place that the pattern may begin at."""
    quantifiers = re.sub(r"\\.|\[(?:\\.|[^\]\\])+\]", "x", pattern)
    in_the_middle = re.findall(r"[*+](?!\Z)", quantifiers)
    allowed = ["*"] if "content-type" in pattern else []  # one line's start each: no overlap
    assert in_the_middle == allowed


@pytest.mark.parametrize("unit", [b"src= ", b"<link ", b"src=" + b" " * 996, b"url( ", b"target ="])
def test_html_that_only_nearly_loads_something_loads_nothing(unit):
    mail = read(HTML + many(unit))
    assert not mail.has_remote_content
    assert len(html_page(mail)) >= MANY


@pytest.mark.parametrize(
    "html",
    [b'<img src = "http://x/y">', b"<td background=//x/y>", b"<style>a{b:url( 'https://x')}</style>",
     b'<link rel="stylesheet" href="x.css">', b"<style>@import 'x'</style>"],
)  # fmt: skip
def test_html_that_loads_something_is_noticed(html):
    assert read(HTML + html).has_remote_content


def test_text_full_of_beginnings_of_addresses_stays_text():
    assert str(linked_text.linked("http://" * (MANY // 7))).count("<a ") == 1
    assert str(linked_text.linked("http:// " * (MANY // 8))).count("<a ") == 0


@pytest.mark.parametrize("unit", [b"=?a?q? ", b"=?", b"=?a?q?"])
def test_a_header_full_of_beginnings_of_encoded_words_is_shown_as_it_is(unit):
    mail = read(b"Subject: " + many(unit) + b"\r\n\r\n")
    assert mail.header("Subject") == many(unit).decode().strip()


def test_a_header_of_very_many_encoded_words_is_decoded():
    mail = read(b"Subject: " + many(b"=?utf-8?q?ab?=\r\n ") + b"\r\n\r\n")
    assert mail.header("Subject").replace(" ", "") == "ab" * (MANY // 17)


@pytest.mark.parametrize("unit", [b";", b'";', b"a=b;"])
def test_of_very_many_parameters_the_first_count(unit):
    mail = read(b'Content-Type: text/html; charset=utf-8; a="' + many(unit) + b"\r\n\r\nok")
    assert mail.html == "ok"
    assert len(mail.header("Content-Type")) <= 2000


def test_a_mail_of_too_many_containers_and_lines_is_shown_by_its_headers():
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(200)
    )
    mail = read(b"Subject: Deep\r\n" + nested + many(b"\r\n"))
    assert mail.header("Subject") == "Deep"
    assert mail.is_damaged
    assert not mail.attachments


def test_a_mail_of_too_many_parts_is_shown_by_its_headers():
    mail = read(b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + many(b"--a\r\n\r\n"))
    assert mail.is_damaged
    assert not mail.attachments


def test_of_many_parts_the_first_thousand_are_shown():
    mail = read(
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 2000 + b"--a--"
    )
    assert len(mail.attachments) < 1000
    assert mail.is_damaged


def test_an_image_that_is_named_very_often_is_put_in_as_long_as_there_is_room():
    mail = EmailMessage()
    mail.set_content("cid:a " * 1000, subtype="html")
    mail.add_related(bytes(1024 * 1024), "image", "png", cid="<a>")
    page = html_page(read(mail.as_bytes()))
    assert 1 < page.count("data:image/png") < 30
    assert "cid:a" in page


# --- What cannot be encoded ----------------------------------------------------------------------

CHARSETS = [
    "utf-7",
    "UTF7",
    "unicode_escape",
    "raw-unicode-escape",
    "punycode",
    "idna",
    "undefined",
]
NO_TEXT = rb"+2AA- \ud800 x"


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_codec_that_is_no_charset_breaks_no_page(console, charset):
    name = charset.encode()
    content = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n'
        b"From: =?" + name + b"?q?+2AA-_\\ud800?= <a@example.com>\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=" + name + b"\r\n\r\n" + NO_TEXT + b"\r\n"
        b"--b\r\nContent-Type: text/html; charset=" + name + b"\r\n\r\n" + NO_TEXT + b"\r\n"
        b"--b\r\nContent-Disposition: attachment; filename*=" + name + b"''+2AA-%5Cud800.txt\r\n"
        b"\r\nx\r\n--b--\r\n"
    )
    queue_id = make_caught(content)
    for path in ("", "?view=text", "?view=headers", "?view=source", "html/", "attachments/1/"):
        assert console.get(f"/mailbox/{queue_id}/{path}").status_code == 200
    assert console.get(f"/mail-log/{queue_id}/").status_code == 200


def test_what_no_charset_can_mean_is_read_as_utf_8():
    assert read(b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-").text == "+2AA-"


def test_a_lone_surrogate_becomes_a_sign():
    mail = read(b"Content-Type: text/plain; charset=utf-16-le\r\n\r\n\x00\xd8a\x00")
    assert mail.text.encode().decode() == mail.text
