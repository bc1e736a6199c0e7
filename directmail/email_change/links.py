"""The signed link that confirms an address: made and read here, judged in services."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

_SALT = "directmail.email_change"


@dataclass(frozen=True, slots=True)
class Token:
    """What a link says: whose address, and which of the requests."""

    operator_id: int
    link_id: str


class BadToken(ValueError):
    """The link was altered, cut off, or signed with a key that no longer counts."""


def make_token(token: Token) -> str:
    """Text for the URL; SECRET_KEY signs it, SECRET_KEY_FALLBACKS are still read."""
    return signing.dumps([token.operator_id, token.link_id], salt=_SALT)


def read_token(text: str) -> Token:
    """Raises BadToken. Age is not judged here: the row knows when the link was asked for."""
    try:
        operator_id, link_id = signing.loads(text, salt=_SALT)
        return Token(operator_id=int(operator_id), link_id=str(link_id))
    except (signing.BadSignature, ValueError, TypeError):
        raise BadToken from None


def link_url(token: Token) -> str:
    """The absolute link. Its host is PUBLIC_URL's: a request's Host header can be forged."""
    return settings.PUBLIC_URL + reverse("confirm_email", args=[make_token(token)])
