"""Operators, their factors, and the steps of a log-in by HTTP."""

import base64
import hashlib
import hmac
import itertools
import struct
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from directmail.models import Operator

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_CLIENT_DATA = b'{"type": "webauthn.create", "challenge": "", "origin": "http://localhost:8000"}'
_numbers = itertools.count(1)


def make_operator(email: str = "", **fields: Any) -> Operator:
    return Operator.objects.create_user(
        email or f"person{next(_numbers)}@example.com", PASSWORD, **fields
    )


def code_of(secret: str, *, at: float | None = None, steps: int = 0) -> str:
    """What an authenticator app shows (RFC 6238, RFC 4226 section 5.3), computed independently."""
    counter = int(time.time() if at is None else at) // 30 + steps
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def add_app(operator: Operator, secret: str = SECRET) -> None:
    """An authenticator app that has this key."""
    TOTP.activate(operator, secret)


def add_recovery_codes(operator: Operator) -> list[str]:
    return list(RecoveryCodes.activate(operator).generate_codes())


def add_passkey(operator: Operator, *, pk: int, name: str = "Laptop") -> None:
    """One as a browser without attestation registers it; nobody holds its private key."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    data = AttestedCredentialData.create(bytes(16), b"credential", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    auth_data = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, data)
    credential = {
        "type": "public-key",
        "id": websafe_encode(b"credential"),
        "rawId": websafe_encode(b"credential"),
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": websafe_encode(_CLIENT_DATA),
            "attestationObject": websafe_encode(AttestationObject.create("none", auth_data, {})),
        },
    }
    Authenticator.objects.create(
        pk=pk, user=operator, type="webauthn", data={"name": name, "credential": credential}
    )


def log_in(client: Client, operator: Operator, **fields: str) -> HttpResponse:
    """The first step: address and password."""
    return client.post("/login/", {"login": operator.email, "password": PASSWORD, **fields})


def enter_code(client: Client, code: str) -> HttpResponse:
    """The second step."""
    return client.post("/account/two-factor/code/", {"code": code})


def is_logged_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200
