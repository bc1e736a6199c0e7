"""Which certificates TLSA records name (RFC 7672 section 3, RFC 6698)."""

from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from smtp_gateway.relay.mx.answers import Tlsa
from smtp_gateway.relay.mx.dane import chain_fault, is_usable
from tests.smtp_gateway.relay.internet.authority import Authority, Leaf
from tests.smtp_gateway.relay.internet.records import tlsa

KINDS = [(selector, matching) for selector in (0, 1) for matching in (0, 1, 2)]


def fault(leaf: Leaf, records: Sequence[Tlsa], *names: str) -> str:
    return chain_fault(
        leaf.chain_der, records=records, names=names or ("mx.test",), now=timezone.now()
    )


@pytest.mark.parametrize(("selector", "matching"), KINDS)
def test_dane_ee_names_the_servers_own_certificate(selector: int, matching: int) -> None:
    authority = Authority("An authority")
    leaf, other = authority.leaf("mx.test"), authority.leaf("mx.test")
    records = [tlsa(leaf.certificate, 3, selector, matching)]
    assert fault(leaf, records) == ""
    assert fault(other, records) == "its certificate is not one that its TLSA records name"


def test_by_dane_ee_neither_names_nor_times_count() -> None:
    leaf = Authority("An authority").leaf("somebody.else.test", expired=True)
    assert fault(leaf, [tlsa(leaf.certificate, 3, 1, 1)]) == ""


def test_dane_ta_does_not_name_the_servers_own_certificate() -> None:
    leaf = Authority("An authority").leaf("mx.test")
    assert fault(leaf, [tlsa(leaf.certificate, 2, 1, 1)])


def test_dane_ee_does_not_name_what_stands_above() -> None:
    authority = Authority("An authority")
    records = [tlsa(authority.certificate, 3, 1, 1)]
    assert fault(authority.leaf("mx.test"), records)


@pytest.mark.parametrize(("selector", "matching"), KINDS)
def test_dane_ta_names_an_authority_that_the_server_sends(selector: int, matching: int) -> None:
    authority, other = Authority("An authority"), Authority("An authority")
    records = [tlsa(authority.certificate, 2, selector, matching)]
    assert fault(authority.leaf("mx.test"), records) == ""
    assert fault(other.leaf("mx.test"), records)


@pytest.mark.parametrize("named", ["root", "between"])
def test_dane_ta_may_name_any_authority_of_the_way(named: str) -> None:
    root = Authority("A root")
    between = Authority("Between", root)
    anchor = root if named == "root" else between
    records = [tlsa(anchor.certificate, 2, 0, 1)]
    assert fault(between.leaf("mx.test"), records) == ""


def test_an_authority_that_the_record_brings_along_need_not_be_sent() -> None:
    root = Authority("A root")
    leaf = Authority("Between", root).leaf("mx.test", send_root=False)
    assert fault(leaf, [tlsa(root.certificate, 2, 0, 0)]) == ""
    assert fault(leaf, [tlsa(root.certificate, 2, 0, 1)])


def test_by_dane_ta_the_certificate_must_be_for_one_of_the_names() -> None:
    authority = Authority("An authority")
    records = [tlsa(authority.certificate, 2, 0, 1)]
    leaf = authority.leaf("mx.test")
    assert fault(leaf, records, "other.test", "mx.test") == ""
    assert fault(leaf, records, "other.test") == (
        "its certificate is not as its TLSA records say (leaf certificate has no matching"
        " subjectAltName)"
    )


def test_by_dane_ta_an_expired_certificate_counts_as_none() -> None:
    authority = Authority("An authority")
    records = [tlsa(authority.certificate, 2, 0, 1)]
    assert fault(authority.leaf("mx.test", expired=True), records) == (
        "its certificate is not as its TLSA records say (cert is not valid at validation time)"
    )


def test_an_authority_that_is_sent_and_did_not_sign_proves_nothing() -> None:
    named, signer = Authority("Named"), Authority("Signer")
    leaf = signer.leaf("mx.test")
    chain = Leaf(leaf.certificate, leaf.key, (named.certificate, signer.certificate))
    assert fault(chain, [tlsa(named.certificate, 2, 0, 1)])


def test_a_certificate_that_is_no_authoritys_cannot_sign() -> None:
    root = Authority("A root")
    forger = Authority("mx.test", root, is_ca=False)
    assert fault(forger.leaf("mx.test"), [tlsa(root.certificate, 2, 0, 1)])


def test_an_authority_may_not_have_more_below_it_than_it_was_allowed() -> None:
    root = Authority("A root", depth=0)
    leaf = Authority("Between", root).leaf("mx.test")
    assert fault(leaf, [tlsa(root.certificate, 2, 0, 1)])


def test_one_matching_record_is_enough() -> None:
    authority = Authority("An authority")
    leaf, next_leaf = authority.leaf("mx.test"), authority.leaf("mx.test")
    both = [tlsa(next_leaf.certificate, 3, 1, 1), tlsa(leaf.certificate, 3, 1, 1)]
    assert fault(leaf, both) == fault(next_leaf, both) == ""


def test_garbage_for_a_certificate_matches_nothing() -> None:
    good = Authority("An authority").certificate
    records = [tlsa(good, 2, 1, 1), tlsa(good, 3, 1, 1), Tlsa(2, 0, 0, b"garbage")]
    assert (
        chain_fault([b"garbage"], records=records, names=("mx.test",), now=timezone.now())
        == "its certificates cannot be read"
    )
    assert chain_fault([], records=records, names=("mx.test",), now=timezone.now())


@pytest.mark.parametrize(
    ("record", "usable"),
    [
        (Tlsa(3, 1, 1, bytes(32)), True), (Tlsa(2, 0, 2, bytes(64)), True),
        (Tlsa(3, 0, 0, b"x"), True), (Tlsa(0, 1, 1, bytes(32)), False),
        (Tlsa(1, 1, 1, bytes(32)), False), (Tlsa(4, 1, 1, bytes(32)), False),
        (Tlsa(3, 2, 1, bytes(32)), False), (Tlsa(3, 1, 3, bytes(32)), False),
        (Tlsa(3, 1, 1, bytes(31)), False), (Tlsa(3, 0, 0, b""), False),
    ],
    ids=str,
)  # fmt: skip
def test_only_records_for_smtp_are_used(record: Tlsa, usable: bool) -> None:
    assert is_usable(record) == usable


# Both made by `openssl x509` and `sha256sum`, so that tests and code are not wrong in one way.
PEM = b"""-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUZshFR+6fg/3ty21Q8qvE9Cz6VrkwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHbXgudGVzdDAgFw0yNjExMjYwMzQ0MTlaGA8yMTI2MTEwMjAz
NDQxOVowEjEQMA4GA1UEAwwHbXgudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABDqkilGpv9ihnadQ68HJ+/f61pXZZ3HzxhuJIuQmiFEu+VyiS30MgHIt4BPE
jM80CnbKoNgLNecDzBGengcsQUejUzBRMB0GA1UdDgQWBBTE1XOhSdHDhF5pW8or
bzon3zp7hTAfBgNVHSMEGDAWgBTE1XOhSdHDhF5pW8orbzon3zp7hTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDKcRkrsV/uIMH2XYChNobFczYC
3Pym23KPvs/emdGsYAIgXjZw7TM5qyzB6oX5pggtWFw/qW2bFjRsW57m0jd0p2k=
-----END CERTIFICATE-----
"""


@pytest.mark.parametrize(
    ("selector", "sha256"),
    [
        (0, "2150cf2e5b80ab5e187652515d53a1d9897b059ee7c7f9ce105e74d09ca55f90"),
        (1, "f386ba54706404594e51aed960e426c8d9798e344bcea21640a33eca666e1ff3"),
    ],
    ids=["certificate", "public key"],
)
def test_a_record_made_by_openssl_matches(selector: int, sha256: str) -> None:
    certificate = x509.load_pem_x509_certificate(PEM)
    record = Tlsa(3, selector, 1, bytes.fromhex(sha256))
    assert (
        chain_fault(
            [certificate.public_bytes(Encoding.DER)],
            records=[record],
            names=["mx.test"],
            now=timezone.now(),
        )
        == ""
    )
    assert tlsa(certificate, 3, selector, 1) == record
