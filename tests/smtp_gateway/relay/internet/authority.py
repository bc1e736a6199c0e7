"""A certificate authority of the tests' own: roots, intermediates and servers' certificates."""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

_DER, _PEM = serialization.Encoding.DER, serialization.Encoding.PEM
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Leaf:
    """A server's certificate, with what is sent behind it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    behind: tuple[x509.Certificate, ...] = ()

    @property
    def chain_der(self) -> list[bytes]:
        return [each.public_bytes(_DER) for each in (self.certificate, *self.behind)]

    @cached_property
    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.load_into(context)
        return context

    def load_into(self, context: ssl.SSLContext) -> None:
        """In place of what was there, also in a server that runs."""
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / "all.pem"
            file.write_bytes(_pem(self.key) + b"".join(map(_pem, (self.certificate, *self.behind))))
            context.load_cert_chain(file)


class Authority:
    """Signs for whoever asks; a root of its own, or below `parent`."""

    def __init__(
        self,
        name: str,
        parent: "Authority | None" = None,
        *,
        is_ca: bool = True,
        depth: int | None = None,
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.parent, self.name = parent, _name(name)
        signer = parent or self
        self.certificate = (
            _builder(self.name, signer.name, self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=depth), critical=True)
            .sign(signer.key, hashes.SHA256())
        )

    @property
    def above(self) -> tuple[x509.Certificate, ...]:
        """This one and those that it is below, up to the root."""
        return (self.certificate, *(self.parent.above if self.parent else ()))

    def file(self, directory: Path) -> str:
        """A file that makes it trusted."""
        path = directory / f"{self.certificate.serial_number}.pem"
        path.write_bytes(_pem(self.certificate))
        return str(path)

    def leaf(self, *names: str, expired: bool = False, send_root: bool = True) -> Leaf:
        """A certificate for names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        start = timezone.now() - (10 * _DAY if expired else _DAY)
        certificate = (
            _builder(_name(names[0]), self.name, key.public_key(), start)
            .add_extension(
                x509.SubjectAlternativeName([_general_name(name) for name in names]),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        behind = self.above if send_root else self.above[:-1]
        return Leaf(certificate, key, behind)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    start: datetime | None = None,
) -> x509.CertificateBuilder:
    start = start or timezone.now() - _DAY
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + 3 * _DAY)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(thing: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(_PEM)
    return thing.private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
