"""How a connection to a next hop is protected, and what that came to."""

import functools
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from smtp_gateway.relay.next_hop import NextHop, Security

TlsResult = Literal[
    "none", "plain-after-failed-tls", "opportunistic", "verified", "mta-sts", "dane"
]
"""What the protection of a session came to. `opportunistic`: TLS with whatever certificate."""


def _any_chain(chain: Sequence[bytes]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Protection:
    """What a session needs, and how the next hop proves who it is."""

    security: Security
    verify: bool = False
    """Against `ca_file`, or the system's authorities where that is empty."""
    ca_file: str = ""
    server_name: str = ""
    """In the handshake, and in a certificate that is verified; empty: the next hop's host."""
    result: TlsResult = "opportunistic"
    """What a session with TLS is called."""
    required_by: str = ""
    """Who requires it, in words for the mail log."""
    fault_of: Callable[[Sequence[bytes]], str] = _any_chain
    """From the certificates (DER, the server's first) to what is wrong with them; empty: nothing.

    For what the ssl module cannot verify.
    """


def protection_of(hop: NextHop) -> Protection:
    """What a smarthost's URL asks for."""
    return Protection(
        hop.security,
        verify=hop.verify_tls,
        result="verified" if hop.verify_tls else "opportunistic",
    )


@functools.cache
def tls_context(verify: bool, ca_file: str = "") -> ssl.SSLContext:
    """Verified against authorities, or opportunistic: any certificate.

    Kept, since reading the authorities stops the event loop for some 20 ms.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
