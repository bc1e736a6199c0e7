"""SIGHUP: the certificate's files are taken in without anybody's session ending."""

import os
import signal
import smtplib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone

from senders.models import SenderAddress
from smtp_gateway.models import Message
from smtp_gateway.submission.certificate import ensure_self_signed
from tests.smtp_gateway.running.process import GatewayProcess, gateway_process
from tests.smtp_gateway.submission.talking import APP, MAIL, insecure_context
from tests.waiting import wait_for


def _put(directory: Path, host: str) -> None:
    """A certificate for that host in place of the one there."""
    for name in ("cert.pem", "key.pem"):
        (directory / name).unlink(missing_ok=True)
    ensure_self_signed(
        directory / "cert.pem", directory / "key.pem", hostname=host, now=timezone.now()
    )


def _put_rsa(directory: Path, host: str) -> None:
    """Likewise, with another type of key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    made = x509.load_pem_x509_certificate((directory / "cert.pem").read_bytes())
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, made.not_valid_before_utc, made.not_valid_after_utc
    )
    pem = serialization.Encoding.PEM
    (directory / "cert.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    (directory / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@pytest.fixture
def tls_gateway(sender: SenderAddress, tmp_path: Path) -> Iterator[GatewayProcess]:
    _put(tmp_path, "old.example")
    files = {"TLS_CERT_FILE": f"{tmp_path}/cert.pem", "TLS_KEY_FILE": f"{tmp_path}/key.pem"}
    with gateway_process(tmp_path, **files) as running:
        yield running


def _name(certificate: bytes | None) -> str:
    assert certificate is not None
    (name,) = x509.load_der_x509_certificate(certificate).subject
    return str(name.value)


def _implicit(gateway: GatewayProcess) -> str:
    plain = socket.create_connection(("127.0.0.1", gateway.smtps_port), 5)
    with insecure_context().wrap_socket(plain) as secure:
        return _name(secure.getpeercert(binary_form=True))


def _starttls(gateway: GatewayProcess) -> str:
    with smtplib.SMTP("127.0.0.1", gateway.smtp_port, timeout=5) as client:
        client.starttls(context=insecure_context())
        assert isinstance(client.sock, ssl.SSLSocket)
        return _name(client.sock.getpeercert(binary_form=True))


def _shown(gateway: GatewayProcess) -> set[str]:
    """By workers that are hit by chance, on both ports."""
    return {show(gateway) for show in (_implicit, _starttls) for _ in range(6)}


@pytest.mark.parametrize("put", [_put, _put_rsa])
def test_new_connections_get_the_new_certificate_and_old_sessions_live_on(
    tls_gateway: GatewayProcess, tmp_path: Path, put: type[None]
) -> None:
    with tls_gateway.client() as client:
        assert _shown(tls_gateway) == {"old.example"}
        workers = tls_gateway.pids()
        put(tmp_path, "new.example")
        tls_gateway.process.send_signal(signal.SIGHUP)
        wait_for(lambda: _shown(tls_gateway) == {"new.example"}, what="the new certificate")
        assert client.sendmail(APP, ["ann@home.example"], MAIL) == {}
    assert Message.objects.count() == 1
    assert tls_gateway.pids() == workers
    assert "tls.renewed" in tls_gateway.log
    os.kill(workers[0], signal.SIGKILL)
    wait_for(lambda: workers[0] not in tls_gateway.pids() and tls_gateway.is_ready())
    assert _shown(tls_gateway) == {"new.example"}


def test_a_bad_file_is_named_and_the_old_certificate_stays(
    tls_gateway: GatewayProcess, tmp_path: Path
) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    tls_gateway.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "tls.not_renewed" in tls_gateway.log, what="the fault is logged")
    assert "set TLS_CERT_FILE and TLS_KEY_FILE. The one in use stays." in tls_gateway.log
    assert _shown(tls_gateway) == {"old.example"}
    _put(tmp_path, "mended.example")
    tls_gateway.process.send_signal(signal.SIGHUP)
    wait_for(lambda: _shown(tls_gateway) == {"mended.example"}, what="the mended certificate")
