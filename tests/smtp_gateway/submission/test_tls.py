"""STARTTLS and implicit TLS."""

import asyncio
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from django.utils import timezone

from smtp_gateway.submission.certificate import ensure_self_signed, server_context
from tests.smtp_gateway.submission.talking import (
    APP,
    Gateway,
    certificate_files,
    insecure_context,
    plain,
)

READY = "220 2.0.0 Ready to start TLS"
HELLO_UNDER_TLS = (
    "250-mail.directmail.test\n250-PIPELINING\n250-SIZE 15728640\n250-8BITMIME\n"
    "250-SMTPUTF8\n250-ENHANCEDSTATUSCODES\n250-CHUNKING\n250-DSN\n"
    "250-LIMITS RCPTMAX=100 MAILMAX=10000\n250 AUTH PLAIN LOGIN"
)


async def test_starttls_switches_and_then_auth_is_offered(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        assert (await client.talk(["EHLO c", "STARTTLS"]))[1] == READY
        await client.start_tls()
        (hello,) = await client.talk(["EHLO c"])
        assert hello == HELLO_UNDER_TLS
        lines = [f"AUTH PLAIN {plain()}", f"MAIL FROM:<{APP}>", "STARTTLS", "QUIT"]
        assert await client.talk(lines) == [
            "235 2.7.0 Authentication successful",
            "250 2.1.0 Sender ok",
            "503 5.5.1 TLS is on already",
            "221 2.0.0 Bye",
        ]


async def test_starttls_takes_no_argument(gateway: Gateway) -> None:
    assert await gateway.talk(["STARTTLS now", "NOOP"], log_in=False) == [
        "501 5.5.4 This command takes no argument",
        "250 2.0.0 Ok",
    ]


async def test_starttls_forgets_everything_said_before(gateway: Gateway) -> None:
    gateway.configure(allow_plaintext_auth_on_loopback=True)
    async with gateway.connect() as client:
        lines = ["EHLO c", f"AUTH PLAIN {plain()}", f"MAIL FROM:<{APP}>", "STARTTLS"]
        assert (await client.talk(lines))[-1] == READY
        await client.start_tls()
        assert await client.talk([f"MAIL FROM:<{APP}>", "EHLO c", f"MAIL FROM:<{APP}>"]) == [
            "503 5.5.1 Send EHLO first",
            HELLO_UNDER_TLS,
            "530 5.7.0 Authentication required; log in with AUTH first",
        ]


async def test_plain_text_sent_behind_starttls_is_dropped(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        client.send(b"STARTTLS\r\nRSET\r\nHELP\r\n")
        assert await client.reply() == READY
        await client.start_tls()
        # An answer to an injected command would come before this one.
        assert await client.talk(["NOOP"]) == ["250 2.0.0 Ok"]


async def test_without_tls_mail_says_what_to_do_first(gateway: Gateway) -> None:
    assert (await gateway.talk(["EHLO c", f"MAIL FROM:<{APP}>"], log_in=False))[1] == (
        "530 5.7.0 Send STARTTLS first, then log in with AUTH"
    )


async def test_implicit_tls_offers_auth_and_no_starttls(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        assert await client.talk(["EHLO c"]) == [HELLO_UNDER_TLS]


async def test_old_tls_versions_are_refused(gateway: Gateway) -> None:
    context = insecure_context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", gateway.server.ports[1], ssl=context)


async def test_a_broken_handshake_ends_one_session_only(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        assert await client.talk(["STARTTLS"]) == [READY]
        client.send(b"this is no ClientHello\r\n" * 20)
        await client.reader.read()
    assert await gateway.talk(["NOOP"]) == ["250 2.0.0 Ok"]


async def test_the_accepted_mail_says_how_it_came(gateway: Gateway) -> None:
    await gateway.submit()
    (message,) = await gateway.messages()
    assert message.tls.startswith("TLSv1.3 TLS_")
    assert b"with ESMTPSA id " in bytes(message.content.body)


def test_the_generated_certificate_names_the_host_and_loopback(tmp_path: Path) -> None:
    cert_file, key_file = certificate_files(tmp_path)
    ensure_self_signed(cert_file, key_file, hostname="mail.example", now=timezone.now())
    assert key_file.stat().st_mode & 0o777 == 0o600
    for name in ("mail.example", "localhost", "127.0.0.1", "::1"):
        trusting = ssl.create_default_context(cafile=str(cert_file))
        client, server = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = trusting.wrap_bio(server, client, server_hostname=name)
        theirs = server_context(cert_file, key_file).wrap_bio(client, server, server_side=True)
        for side in (ours, theirs, ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
        assert ours.version() == "TLSv1.3"


def test_the_generated_certificate_cannot_sign_others(tmp_path: Path) -> None:
    """Who trusts it trusts this server, not its key for every name there is."""
    files = certificate_files(tmp_path)
    ensure_self_signed(*files, hostname="mail.example", now=timezone.now())
    certificate = x509.load_pem_x509_certificate(files[0].read_bytes())
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_certificate_that_exists_is_kept(tmp_path: Path) -> None:
    files = certificate_files(tmp_path)
    ensure_self_signed(*files, hostname="mail.example", now=timezone.now())
    before = [file.read_bytes() for file in files]
    ensure_self_signed(*files, hostname="other.example", now=timezone.now())
    assert [file.read_bytes() for file in files] == before


async def test_processes_that_start_at_once_make_one_certificate(tmp_path: Path) -> None:
    files = certificate_files(tmp_path)

    def make() -> bytes:
        ensure_self_signed(*files, hostname="mail.example", now=timezone.now())
        server_context(*files)
        return files[0].read_bytes()

    assert len(set(await asyncio.gather(*(asyncio.to_thread(make) for _ in range(8))))) == 1
