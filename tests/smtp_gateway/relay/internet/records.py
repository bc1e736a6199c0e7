"""TLSA records made from certificates, as values and as lines of a zone."""

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtp_gateway.relay.mx.answers import Tlsa


def tlsa(certificate: x509.Certificate, usage: int, selector: int, matching: int) -> Tlsa:
    """The record that names this certificate."""
    if selector == 0:
        data = certificate.public_bytes(Encoding.DER)
    else:
        key = certificate.public_key()
        data = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if matching:
        data = hashlib.new({1: "sha256", 2: "sha512"}[matching], data).digest()
    return Tlsa(usage, selector, matching, data)


def zone_line(host: str, port: int, record: Tlsa) -> str:
    """For `Names.add`."""
    data = f"{record.usage} {record.selector} {record.matching} {record.data.hex()}"
    return f"_{port}._tcp.{host} TLSA {data}"
