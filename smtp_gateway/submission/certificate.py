"""The certificate of the submission server: one is made where a new installation has none."""

import fcntl
import ipaddress
import os
import ssl
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = timedelta(days=3650)


def server_context(cert_file: Path, key_file: Path) -> ssl.SSLContext:
    """TLS 1.2 and later. Raises OSError and ssl.SSLError where a file cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Without a password OpenSSL would ask for one at the terminal, and wait.
    context.load_cert_chain(cert_file, key_file, password="")
    return context


def renew(context: ssl.SSLContext, cert_file: Path, key_file: Path) -> None:
    """Handshakes on `context` show that certificate from now on; sessions keep what they have.

    Raises OSError and ssl.SSLError like `server_context`, and changes nothing then.
    """
    newer = server_context(cert_file, key_file)

    def show(connection: ssl.SSLSocket | ssl.SSLObject, _name: str, _old: ssl.SSLContext) -> None:
        connection.context = newer

    # Loading it into `context` would leave the old one there beside a new one with another type of
    # key. OpenSSL asks this for every handshake, with a server name or without.
    context.sni_callback = show


def expiry(cert_file: Path) -> datetime:
    """When it ends to be valid. Raises OSError and ValueError where there is no certificate."""
    return x509.load_pem_x509_certificate(cert_file.read_bytes()).not_valid_after_utc


def ensure_self_signed(cert_file: Path, key_file: Path, *, hostname: str, now: datetime) -> None:
    """Makes both files unless they exist; several processes may call this at the same time."""
    cert_file.parent.mkdir(parents=True, exist_ok=True)
    with (cert_file.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (cert_file.exists() and key_file.exists()):
            key = ec.generate_private_key(ec.SECP256R1())
            _write_private(key_file, _key_pem(key))
            _write_private(cert_file, _certificate_pem(key, hostname, now))


def _write_private(path: Path, content: bytes) -> None:
    """The whole file or none of it, readable for its owner only."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    unfinished.replace(path)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate_pem(key: ec.EllipticCurvePrivateKey, hostname: str, now: datetime) -> bytes:
    # A common name holds 64 characters; what counts is the alternative names.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname[:64])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(_alternative_names(hostname), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _alternative_names(hostname: str) -> x509.SubjectAlternativeName:
    names = dict.fromkeys((hostname, "localhost"))
    addresses = ("127.0.0.1", "::1")
    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in names),
            *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses),
        ]
    )
