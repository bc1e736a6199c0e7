"""Addresses at a return-path host: which form stands for what. Pure.

`b+TOKEN` takes back what became of one delivery; `complaints` is the address that mailbox providers
are given for their feedback loops (RFC 5965), which know no return path of ours. To `postmaster`
writes who has trouble with a host (RFC 5321 section 4.5.1).
"""

import re
from collections.abc import Sequence
from datetime import date

from smtp_gateway.return_path.token import TOKEN_CHARS, OpenedToken, make_token, open_token

COMPLAINTS = "complaints"
POSTMASTER = "postmaster"
_PREFIX = "b+"
_ANYWHERE = re.compile(rb"\bb\+([a-z2-7]{%d})@([a-z0-9.-]{1,255})" % TOKEN_CHARS, re.IGNORECASE)
_MOST_LOOKED_AT = 50


def return_path(delivery_id: int, host: str, *, today: date, key: bytes) -> str:
    """The envelope sender for one delivery; its local part has 31 octets."""
    return f"{_PREFIX}{make_token(delivery_id, today=today, key=key)}@{host}"


def opened(local_part: str, keys: Sequence[bytes]) -> OpenedToken | None:
    """The token of `b+TOKEN`; None: it is no such address, or not ours."""
    prefix, token = local_part[: len(_PREFIX)], local_part[len(_PREFIX) :]
    return open_token(token, keys) if prefix.lower() == _PREFIX else None


def tokens_in(content: bytes, keys: Sequence[bytes]) -> list[OpenedToken]:
    """Those of our return paths that stand somewhere in a mail, each once."""
    found: dict[int, OpenedToken] = {}
    for number, match in enumerate(_ANYWHERE.finditer(content)):
        if number == _MOST_LOOKED_AT:
            break
        if token := open_token(match[1].decode(), keys):
            found.setdefault(token.delivery_id, token)
    return list(found.values())
