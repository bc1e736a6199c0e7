"""The texts of a page that stand outside of brackets, and are no data."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import html5lib

from tests.directmail.words.pseudo import CLOSES, OPENS

_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "label")
_OF_DATA = ("data-label", "data-copied", "data-confirm", "data-words")
"""What a style or a script shows of an element's data."""
# What these hold is written by machines, or for them.
_DATA_TAGS = {"code", "pre", "kbd", "samp", "script", "style", "template", "datalist", "textarea"}
_NAMES = """
    DirectMail SMTP STARTTLS TLS DKIM DNS SPF DMARC TXT MX DANE MTA-STS CSV TOTP PostgreSQL Redis
    Python Django Node.js nodemailer PHP PHPMailer Java Jakarta Mail Go .NET MailKit WordPress curl
    swaks Ed25519 RSA UTC GMT English MiB KiB GiB kB Linux Chrome Firefox Safari
    Windows macOS HTML IP URL From To Cc Subject Date Reply-To Message-ID DATA RCPT MAIL EHLO QUIT
    net/smtp smtplib Celery NET 简体中文
"""
# What the world of tests/directmail/gates has, and what its mails say.
_OF_THE_WORLD = """
    Europe/Berlin Laptop Inside dm Hello Bill MIME-Version Content-Type multipart/mixed boundary="b"
"""
_WORDS_OF_DATA = frozenset(f"{_NAMES} {_OF_THE_WORLD}".split())
# What its next hops and their reports say, whole or cut off.
_SAID_ELSEWHERE = (
    "Recipient address rejected: User unknown in virtual mailbox table",
    "Recipient address rejected: User unknown",
    "No such user",
    "Undelivered Mail Returned to Sender",
    "(Mail Delivery System)",
)
_SHAPES = re.compile(
    r"""[^\s@]+@[^\s@]*               # an address, or its name
    | https?://\S+ | smtps?://\S+     # a URL
    | (\*\.)?[\w-]+(\.[\w-]+)+(:\d+)? # a name of DNS or all below one, a file, a permission
    | [A-Z]+(_[A-Z0-9]+)+             # a setting
    | (?=\S*\d)[\w:/+=.,-]+           # an id, a time, a version, base64
    """,
    re.VERBOSE,
)
_INSIDE = re.compile(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def unmarked_texts(html: str) -> list[str]:
    """Each as it stands on the page, in its order, and attributes with their name."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    found = [*_texts(page), *_attributes(page)]
    return [text for where, text in found if _is_forgotten(text)]


def _texts(element: ET.Element) -> Iterator[tuple[str, str]]:
    if isinstance(element.tag, str) and element.tag not in _DATA_TAGS:
        # An option that is its own value is a name of machines, such as a time zone's.
        if element.tag != "option" or element.text != element.get("value"):
            yield element.tag, element.text or ""
        for child in element:
            yield from _texts(child)
            yield element.tag, child.tail or ""


def _attributes(page: ET.Element) -> Iterator[tuple[str, str]]:
    for element in page.iter():
        for name in (*_ATTRIBUTES, *_OF_DATA):
            yield name, element.get(name) or ""
        if element.tag == "input" and element.get("type") in {"submit", "button"}:
            yield "value", element.get("value") or ""


def _is_forgotten(text: str) -> bool:
    while (outside := _INSIDE.sub(" ", text)) != text:
        text = outside
    for said in _SAID_ELSEWHERE:
        text = text.replace(said, " ")
    return any(not _is_data(word) for word in text.split() if _LETTERS.search(word))


def _is_data(word: str) -> bool:
    bare = word.strip("()[]<>,:;.…“”'·—")
    return bare in _WORDS_OF_DATA or bool(_SHAPES.fullmatch(bare))
