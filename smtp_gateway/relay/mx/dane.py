"""DANE for SMTP (RFC 7672): whether certificates are those that TLSA records (RFC 6698) name.

Pure but for `cryptography`: knows no DNS and no sockets.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from smtp_gateway.relay.mx.answers import Tlsa

_TRUST_ANCHOR, _END_ENTITY = 2, 3
_WHOLE, _PUBLIC_KEY = 0, 1
_DIGESTS: dict[int, Callable[[bytes], bytes]] = {
    0: bytes,
    1: lambda data: hashlib.sha256(data).digest(),
    2: lambda data: hashlib.sha512(data).digest(),
}
_DIGEST_BYTES = {1: 32, 2: 64}


def is_usable(record: Tlsa) -> bool:
    """Whether SMTP clients use such a record; usages 0 and 1 are not for them (section 3.1.3)."""
    is_known = (
        record.usage in (_TRUST_ANCHOR, _END_ENTITY)
        and record.selector in (_WHOLE, _PUBLIC_KEY)
        and record.matching in _DIGESTS
    )
    expected = _DIGEST_BYTES.get(record.matching, len(record.data))
    return is_known and bool(record.data) and len(record.data) == expected


def chain_fault(
    chain: Sequence[bytes], *, records: Sequence[Tlsa], names: Sequence[str], now: datetime
) -> str:
    """What is wrong with a server's certificates (DER, its own first); empty: nothing.

    By DANE-EE neither names nor times count (RFC 7672 section 3.1.1). By DANE-TA the certificate
    must be for one of `names` (3.2.2) and lead to the authority that a record names.
    """
    if not chain:
        return "it showed no certificate"
    leaf, above = chain[0], chain[1:]
    if any(_matches(record, leaf) for record in records if record.usage == _END_ENTITY):
        return ""
    anchors = [record for record in records if record.usage == _TRUST_ANCHOR]
    found = [der for der in above if any(_matches(record, der) for record in anchors)]
    found += [record.data for record in anchors if _is_whole_certificate(record)]
    if not found:
        return "its certificate is not one that its TLSA records name"
    try:
        return _path_fault(leaf, above, anchors=found, names=names, now=now)
    except ValueError:
        return "its certificates cannot be read"


def _is_whole_certificate(record: Tlsa) -> bool:
    """An authority that the record brings along, so that the server need not send it."""
    return (record.selector, record.matching) == (_WHOLE, 0)


def _matches(record: Tlsa, certificate: bytes) -> bool:
    try:
        selected = certificate if record.selector == _WHOLE else _public_key(certificate)
    except ValueError:
        return False
    return _DIGESTS[record.matching](selected) == record.data


def _public_key(certificate: bytes) -> bytes:
    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _path_fault(
    leaf: bytes,
    above: Iterable[bytes],
    *,
    anchors: Iterable[bytes],
    names: Iterable[str],
    now: datetime,
) -> str:
    load = x509.load_der_x509_certificate
    own, between = load(leaf), [load(der) for der in above]
    builder = (
        PolicyBuilder()
        .store(Store([load(der) for der in anchors]))
        .time(now)
        .extension_policies(ca_policy=_AUTHORITY, ee_policy=_SERVER)
    )
    fault = ""
    for name in names:
        try:
            builder.build_server_verifier(x509.DNSName(name)).verify(own, between)
        except (VerificationError, ValueError) as error:
            fault = fault or f"its certificate is not as its TLSA records say ({_why(error)})"
        else:
            return ""
    return fault


def _why(error: Exception) -> str:
    """The cause without what the server's certificate says of itself."""
    return str(error).removeprefix("validation failed: ").partition(" (encountered")[0]


def _is_authority(policy: Policy, certificate: x509.Certificate, value: object) -> None:
    if not isinstance(value, x509.BasicConstraints) or not value.ca:
        raise ValueError("a certificate that signs others is no authority's")


def _may_sign(policy: Policy, certificate: x509.Certificate, value: object) -> None:
    if isinstance(value, x509.KeyUsage) and not value.key_cert_sign:
        raise ValueError("an authority's key is not for signing certificates")


# The rules of the web's authorities ask for more than private ones, whom DANE is for, put in.
_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
)
_SERVER = ExtensionPolicy.permit_all().require_present(
    x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
)
