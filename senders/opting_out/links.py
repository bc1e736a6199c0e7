"""Opt-out links of this installation: its keys and its address around the tokens."""

from collections.abc import Sequence

from django.conf import settings

from senders.opting_out.token import OptOut, key_from, make_token, read_token

PATH = "/u/"
MAILBOX = "unsubscribe"
"""The local part to which opt-outs are mailed, at the hosts that reports come back to."""


def token_of(sender_address: str, recipient: str) -> str:
    """Signed with SECRET_KEY; the same each time, so that pages show what went out."""
    return make_token(OptOut(sender_address, recipient), key_from(settings.SECRET_KEY))


def opt_out_of(token: str) -> OptOut:
    """Also what was signed with one of SECRET_KEY_FALLBACKS. Raises BadToken."""
    return read_token(token, _keys())


def one_click_counts() -> bool:
    """Whether receivers honour one click on our links (RFC 8058 section 3.1: https alone)."""
    return bool(settings.PUBLIC_URL.lower().startswith("https://"))


def link_with(token: str) -> str:
    """The absolute link. Its host is PUBLIC_URL's."""
    return f"{settings.PUBLIC_URL}{PATH}{token}"


def mailto_with(token: str, host: str) -> str:
    """The same by mail. In the subject (RFC 6068), since no local part is long enough."""
    return f"mailto:{MAILBOX}@{host}?subject={token}"


def _keys() -> Sequence[bytes]:
    return [key_from(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
