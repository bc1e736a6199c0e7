"""A DKIM key in the mail path: a frozen value, so that no model instance enters a coroutine."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An active key of a domain."""

    domain: str
    selector: str
    algorithm: str
    """`rsa-sha256` or `ed25519-sha256`."""
    private_key: bytes = field(repr=False)
    """PKCS #8 in DER; empty: no SECRET_KEY opens it."""
