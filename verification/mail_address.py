"""The one normal form of a mail address: lower-case, domain in A-labels (RFC 5890)."""

from functools import lru_cache

import idna
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email

from verification.mail_address_faults import fault_in_words

_REMEMBERED = 10_000


class InvalidMailAddress(ValueError):
    """The text is no mail address; its message says why, in words for the person who typed it."""


def normalize(text: str) -> str:
    """The stored form of `text`. Raises InvalidMailAddress."""
    try:
        parsed = validate_email(
            text.strip(),
            check_deliverability=False,
            # Private installations send as app@mail.internal; a dot is asked for below.
            globally_deliverable=False,
            # example.test is what the tour and every trial use.
            test_environment=True,
            # RFC 5321 section 4.5.3.1.1: at most 64 octets before the @.
            strict=True,
        )
    except EmailNotValidError as error:
        raise InvalidMailAddress(fault_in_words(str(error))) from None
    if parsed.ascii_email is None:
        raise InvalidMailAddress(_("Only the domain may have letters outside a-z, not the name."))
    if "." not in parsed.ascii_domain:
        raise InvalidMailAddress(_("The domain needs a dot, as in example.com."))
    if parsed.ascii_domain.rpartition(".")[2].isdigit():
        raise InvalidMailAddress(_("The domain must be a name, as in example.com, not a number."))
    return parsed.ascii_email.lower()


def display(address: str) -> str:
    """`address` for people: its domain in U-labels."""
    name, at, domain = address.rpartition("@")
    return f"{name}{at}{_u_labels(domain)}"


@lru_cache(_REMEMBERED)
def _u_labels(domain: str) -> str:
    """The domain as it is where it has no U-labels. A list shows the same few again and again."""
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain
