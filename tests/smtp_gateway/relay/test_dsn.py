"""What a client asked about delivery reports goes on to a next hop that knows of it (RFC 3461)."""

import pytest

from smtp_gateway.dsn import MailDsn, RecipientDsn
from smtp_gateway.relay.commands import Mail
from smtp_gateway.relay.session import open_session
from smtp_gateway.relay.transaction import send
from tests.smtp_gateway.relay.next_hop import USUAL, ScriptedHop
from tests.smtp_gateway.relay.sending import PATIENT, hop_at

MAIL = Mail(
    mail_from="from@example.com",
    recipients=["a@example.net", "b@example.net"],
    content=b"Subject: Hello\r\n\r\n",
    dsn=MailDsn("HDRS", "order+2042"),
    recipient_dsn=[RecipientDsn("SUCCESS,DELAY", "rfc822;x@example.org"), RecipientDsn()],
)


async def commands_at(extensions: tuple[str, ...]) -> list[str]:
    async with ScriptedHop(extensions=extensions).running() as hop:
        session = await open_session(hop_at(hop), our_name="us.test", timeouts=PATIENT)
        endings = await send(session, MAIL)
        session.close()
        assert [ending.reply.code for ending in endings if ending.reply] == [250, 250]
    return hop.commands[1:4]


@pytest.mark.parametrize("pipelining", [(), ("PIPELINING",)])
async def test_a_next_hop_with_dsn_gets_the_parameters(pipelining: tuple[str, ...]) -> None:
    assert await commands_at((*pipelining, "DSN")) == [
        "MAIL FROM:<from@example.com> RET=HDRS ENVID=order+2042",
        "RCPT TO:<a@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x@example.org",
        "RCPT TO:<b@example.net>",
    ]


async def test_a_next_hop_without_dsn_gets_none() -> None:
    assert await commands_at(USUAL) == [
        "MAIL FROM:<from@example.com> SIZE=18",
        "RCPT TO:<a@example.net>",
        "RCPT TO:<b@example.net>",
    ]
