"""Whether browsers make passkeys at an address. Pure."""

import ipaddress
from urllib.parse import SplitResult


def can_have_passkeys(site: SplitResult) -> bool:
    """True with a name and TLS, or at localhost (W3C Secure Contexts 3.1, WebAuthn 5.1.2).

    A passkey belongs to a domain, so an IP address has none even with TLS.
    """
    host = site.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return site.scheme == "https" and not _is_ip(host)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
