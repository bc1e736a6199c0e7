"""The example of RFC 8463 Appendix A: its keys, its mail, its two signatures."""

import base64
import hashlib
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from smtp_gateway.relay.dkim import load_key
from smtp_gateway.relay.dkim.canonical import body_hash, relaxed_value
from smtp_gateway.relay.dkim.fields import canonical_field, split
from tests.smtp_gateway.relay.dkim.verifying import der_of, verdicts

ED25519_SECRET = base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
ED25519_PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
RSA_PUBLIC = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZy"
    "VYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
)
DNS = {
    "brisbane._domainkey.football.example.com": f"v=DKIM1; k=ed25519; p={ED25519_PUBLIC}",
    "test._domainkey.football.example.com": f"v=DKIM1; k=rsa; p={RSA_PUBLIC}",
}
SIGNED = """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace("\n", "\r\n").encode()
FIELDS = re.findall(rb"(\S+):(.*(?:\r\n .*)*)\r\n", split(SIGNED)[0])
SIGNATURES = [value for name, value in FIELDS if name == b"DKIM-Signature"]


def tag(value: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?:^|;)\s*%s=([^;]*)" % name, value)
    assert found is not None
    return re.sub(rb"\s", b"", found[1])


def hashed(value: bytes) -> bytes:
    """The canonical header of one of its signatures, by our canonicalization."""
    left = [(name.lower(), value) for name, value in FIELDS]
    lines = []
    for name in tag(value, b"h").split(b":"):
        for at in range(len(left) - 1, -1, -1):
            if left[at][0] == name:
                lines.append(canonical_field(*left.pop(at)))
                break
    unsigned = re.sub(rb"(;\s*b=)[^;]*", rb"\1", value)
    return b"".join(lines) + b"dkim-signature:" + relaxed_value(unsigned)


def test_the_body_hash_is_the_published_one() -> None:
    published = tag(SIGNATURES[0], b"bh")
    assert base64.b64encode(body_hash(split(SIGNED)[1])) == published


def test_the_published_ed25519_signature_is_over_our_canonical_form() -> None:
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(ED25519_PUBLIC))
    digest = hashlib.sha256(hashed(SIGNATURES[0])).digest()
    key.verify(base64.b64decode(tag(SIGNATURES[0], b"b")), digest)


def test_the_published_rsa_signature_is_over_our_canonical_form() -> None:
    key = load_der_public_key(base64.b64decode(RSA_PUBLIC))
    assert isinstance(key, RSAPublicKey)
    signature = base64.b64decode(tag(SIGNATURES[1], b"b"))
    key.verify(signature, hashed(SIGNATURES[1]), PKCS1v15(), SHA256())


def test_the_published_key_signs_to_the_published_signature() -> None:
    """Ed25519 is deterministic: the same key over the same bytes is the same signature."""
    der = der_of(Ed25519PrivateKey.from_private_bytes(ED25519_SECRET))
    key = load_key(selector="brisbane", algorithm="ed25519-sha256", der=der)
    assert base64.b64encode(key.sign(hashed(SIGNATURES[0]))) == tag(SIGNATURES[0], b"b")


def test_the_verifier_of_our_tests_accepts_the_example() -> None:
    assert verdicts(SIGNED, DNS) == [True, True]


@pytest.mark.parametrize("change", [(b"hungry", b"thirsty"), (b"Suzie Q", b"Suzie R")])
def test_the_verifier_of_our_tests_refuses_a_changed_example(change: tuple[bytes, bytes]) -> None:
    assert verdicts(SIGNED.replace(*change), DNS) == [False, False]
