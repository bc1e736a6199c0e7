"""How an application reaches the gateway as one sender address, and whom it has to trust."""

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

# The name that the certificate is offered for download under; the snippets read that file.
CA_FILE = "directmail.pem"


@dataclass(frozen=True, slots=True)
class Connection:
    """What an application has to be told; the password is not among it."""

    user_name: str
    host: str
    starttls_port: int
    tls_port: int
    ca_file: str
    """The certificate that clients must be told to trust; empty: nothing to tell them."""


def connection_of(address: str, certificate: str) -> Connection:
    """`certificate`: the result of `self_signed_certificate`."""
    return Connection(
        user_name=address,
        host=settings.SMTP_CLIENT_HOST,
        starttls_port=settings.SMTP_PORT,
        tls_port=settings.SMTPS_PORT,
        ca_file=CA_FILE if certificate else "",
    )


def self_signed_certificate() -> str:
    """The gateway's certificate in PEM, where it vouches for itself and nobody else does.

    Empty where it has an issuer, and where this process does not get to see it: another machine
    may run the gateway.
    """
    try:
        pem = Path(settings.TLS_CERT_FILE).read_bytes()
        certificate = x509.load_pem_x509_certificate(pem)
    except (OSError, ValueError):
        return ""
    if certificate.issuer != certificate.subject:
        return ""
    # Written anew: the file may hold a private key beside the certificate.
    return certificate.public_bytes(Encoding.PEM).decode()


def fingerprint(certificate: str) -> str:
    """SHA-256 of a certificate in PEM, as openssl prints it."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
