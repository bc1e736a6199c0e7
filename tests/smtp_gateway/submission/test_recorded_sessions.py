"""Sessions of a real gateway, as they are found in their table afterwards."""

import asyncio
import ssl

from django.test import Client as Browser

from directmail.models import Operator
from senders.models import SenderAddress
from smtp_gateway.models import SmtpSession
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    PASSWORD,
    Client,
    Gateway,
    as_data,
    b64,
    eventually,
    plain,
    run_gateway,
)
from tests.smtp_gateway.submission.test_proxied import LISTED, V1, behind, connected


async def recorded(gateway: Gateway) -> SmtpSession:
    """The one session there was."""
    await eventually(gateway.no_connections)
    await gateway.services.transcripts.flush()
    return await gateway.database(SmtpSession.objects.get)


def dialogue(session: SmtpSession) -> list[str]:
    marks = {"client": ">", "server": "<", "event": "!"}
    return [f"{marks[speaker]} {words}" for _, speaker, words in session.lines]


async def test_a_mail_that_was_sent(gateway: Gateway) -> None:
    queued = await gateway.submit()
    session = await recorded(gateway)
    assert session.sender_address == APP
    assert (session.outcome, session.mail_count, session.went_well) == ("sent", 1, True)
    said = dialogue(session)
    assert said[0].startswith("! TLS is on: TLSv1.3")
    assert said[1] == "< 220 mail.directmail.test ESMTP DirectMail"
    assert said[2] == "> EHLO client.example"
    assert said[4:] == [
        "> AUTH PLAIN [40 bytes]",
        "< 235 2.7.0 Authentication successful",
        f"> MAIL FROM:<{APP}>",
        "< 250 2.1.0 Sender ok",
        "> RCPT TO:<ann@home.example>",
        "< 250 2.1.5 Recipient ok",
        "> DATA",
        "< 354 End data with <CR><LF>.<CR><LF>",
        f"> [{len(as_data(MAIL))} bytes of mail]",
        f"< {queued}",
        "! The client closed the connection.",
    ]
    (message,) = await gateway.messages()
    assert message.session_id == session.session_id


async def test_a_refused_log_in_under_the_address_it_was_for(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        await client.talk(["EHLO client.example", "AUTH LOGIN", b64(APP), b64("WrongPass12")])
        await client.talk(["QUIT"])
    session = await recorded(gateway)
    assert (session.sender_address, session.is_logged_in) == (APP, False)
    assert session.outcome == "log-in-refused"
    assert session.reply == "535 5.7.8 User name or password refused"
    assert dialogue(session)[-6:] == [
        "> [24 bytes]",
        "< 334 UGFzc3dvcmQ6",
        "> [16 bytes]",
        "< 535 5.7.8 User name or password refused",
        "> QUIT",
        "< 221 2.0.0 Bye",
    ]


async def test_starttls_is_an_event_between_two_greetings(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        await client.talk(["EHLO client.example", "STARTTLS"])
        await client.start_tls()
        await client.talk(["EHLO client.example", "QUIT"])
    session = await recorded(gateway)
    said = dialogue(session)
    assert said[said.index("> STARTTLS") + 1] == "< 220 2.0.0 Ready to start TLS"
    assert said[said.index("> STARTTLS") + 2].startswith("! TLS is on: TLSv1.3 ")
    assert session.tls.startswith("TLSv1.3")


async def test_tls_from_the_start_on_the_wrong_port(gateway: Gateway) -> None:
    gateway.configure(command_timeout=gateway.services.config.command_timeout / 1000)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    await reader.read()
    writer.close()
    assert (await recorded(gateway)).outcome == "tls-at-once"


async def test_a_certificate_that_the_client_does_not_trust(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        await client.talk(["EHLO client.example", "STARTTLS"])
        client.send(b"\x15\x03\x01\x00\x02\x02\x30")  # the alert "unknown CA"
        await client.reader.read()
    session = await recorded(gateway)
    assert session.outcome == "tls-failed"
    assert "TLS handshake failed: " in session.reply


async def test_a_mail_that_broke_off(gateway: Gateway) -> None:
    async with gateway.session() as client:
        await client.talk([f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA"])
        client.send("Subject: secret")
    session = await recorded(gateway)
    assert session.outcome == "cut-off"
    assert dialogue(session)[-1].endswith(" bytes in.")
    assert "secret" not in str(session.lines)


async def test_a_client_that_says_nothing_is_seen_while_it_hangs(gateway: Gateway) -> None:
    async with gateway.session() as client:
        await client.talk([f"MAIL FROM:<{APP}>"])
        gateway.services.transcripts.take_quiet(asyncio.get_running_loop().time() + 3600)
        await gateway.services.transcripts.flush()
        session = await gateway.database(SmtpSession.objects.get)
        assert session.ended_at is None
        assert dialogue(session)[-1] == "< 250 2.1.0 Sender ok"
    assert (await recorded(gateway)).ended_at


async def test_no_password_is_in_any_table_when_the_log_in_comes_without_tls(
    gateway: Gateway,
) -> None:
    async with gateway.connect() as client:
        lines = ["EHLO client.example", "AUTH LOGIN", b64(APP), b64(PASSWORD), PASSWORD]
        await client.talk([*lines, f"AUTH PLAIN {plain()}", f"AUTH\tPLAIN {plain()}"])
    session = await recorded(gateway)
    assert session.outcome == "tls-needed"
    for secret in (PASSWORD, b64(PASSWORD), plain()):
        assert secret not in str(session.__dict__)


async def test_the_console_tells_it(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        await refused_log_in(client)
    session = await recorded(gateway)

    def page() -> str:
        browser = Browser()
        browser.force_login(Operator.objects.create(email="operator@example.com"))
        listed = browser.get("/smtp-sessions/", {"q": APP}).content.decode()
        assert f"/smtp-sessions/{session.session_id}/" in listed
        return browser.get(f"/smtp-sessions/{session.session_id}/").content.decode()

    text = await gateway.database(page)
    assert "Log-in refused" in text
    assert "Add a password" in text


async def refused_log_in(client: Client) -> None:
    await client.talk(["EHLO client.example", f"AUTH PLAIN {plain(APP, 'WrongPass12')}", "QUIT"])


async def test_chunks_of_a_mail_are_told_by_their_size(gateway: Gateway) -> None:
    content = MAIL.encode()
    async with gateway.session() as client:
        await client.talk([f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>"])
        await client.talk([b"BDAT 10\r\n" + content[:10]])
        await client.talk([f"BDAT {len(content) - 10} LAST\r\n".encode() + content[10:], "QUIT"])
    session = await recorded(gateway)
    said = dialogue(session)
    assert said[said.index("> BDAT 10") + 1] == "> [10 bytes of mail]"
    assert f"> [{len(content) - 10} bytes of mail]" in said
    assert (session.outcome, session.mail_count) == ("sent", 1)


async def test_a_session_that_the_gateway_ends_is_kept(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with run_gateway(tls_context) as gateway, gateway.connect(tls=True) as client:
        await client.talk(["EHLO client.example"])
        await gateway.server.__aexit__(None, None, None)
        session = await gateway.database(SmtpSession.objects.get)
        assert session.outcome == "shut-down"
        assert dialogue(session)[-1].startswith("< 421 4.3.2 ")


async def test_behind_a_proxy_the_client_and_the_proxy_are_named(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, LISTED) as gateway:
        async with connected(gateway) as client:
            client.send(V1)
            await client.reply()
            await client.talk(["EHLO client.example", "QUIT"])
        session = await recorded(gateway)
    assert session.client_ip == "192.0.2.7"
    assert dialogue(session)[0] == "! The proxy 127.0.0.1 speaks for 192.0.2.7."


async def test_who_is_turned_away_at_once_is_told_why(gateway: Gateway) -> None:
    gateway.configure(max_connections=0)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    assert (await reader.read()).startswith(b"421 ")
    writer.close()
    assert (await recorded(gateway)).outcome == "turned-away"
