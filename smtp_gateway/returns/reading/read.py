"""Reads a mail that came back. Never raises, whatever its bytes are. Pure."""

from dataclasses import replace

from smtp_gateway.returns.reading import forms_file
from smtp_gateway.returns.reading.delivery_status import read_delivery_status
from smtp_gateway.returns.reading.feedback import read_feedback
from smtp_gateway.returns.reading.forms import read_form
from smtp_gateway.returns.reading.parts import Parts, take_apart
from smtp_gateway.returns.reading.said import NOT_UNDERSTOOD, Said

FORMS = forms_file.load()
"""Read at start, so that a mistake in them shows then."""


def read(raw: bytes, *, expected: str = "") -> Said:
    """What it says; `expected`: the recipient whose return path it came to."""
    parts = take_apart(raw)
    # The standards first: a report may well call itself an automatic reply (RFC 3834 section 5).
    said = read_feedback(parts) or read_delivery_status(parts, expected) or read_form(parts, FORMS)
    return _with_headers(said or NOT_UNDERSTOOD, parts)


def _with_headers(said: Said, parts: Parts) -> Said:
    return replace(said, subject=parts.first("subject"), from_header=parts.first("from"))
