"""The certificates that a TLS peer sent, which Python shows openly only from 3.13 on."""

import _ssl
import ssl
from typing import Any, cast


def peer_chain(connection: ssl.SSLObject) -> list[bytes]:
    """As it was sent and unverified, the peer's own first; DER."""
    if hasattr(connection, "get_unverified_chain"):
        return cast("list[bytes]", connection.get_unverified_chain() or [])
    inner: Any = connection._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    return [entry.public_bytes(_ssl.ENCODING_DER) for entry in inner.get_unverified_chain() or []]
