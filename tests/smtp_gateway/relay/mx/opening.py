"""Opening a session for a domain, and what comes of it."""

import pytest

from smtp_gateway.relay.classify import judge
from smtp_gateway.relay.commands import Mail
from smtp_gateway.relay.mx.opener import MxOpener
from smtp_gateway.relay.mx.sts import PolicyStore
from smtp_gateway.relay.session import Ended, Session
from smtp_gateway.relay.transaction import send
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.sending import CONTENT


async def opened(
    internet: Internet, domain: str = "x.test", *, opener: MxOpener | None = None, **changes: object
) -> Session:
    """A session that carried a mail, and is closed by now."""
    session = await (opener or internet.opener(**changes)).open(domain)  # type: ignore[arg-type]
    (ending,) = await send(session, Mail("from@us.test", [f"to@{domain}"], CONTENT))
    session.close()
    assert ending.reply is not None
    assert ending.reply.code == 250
    return session


async def refused(
    internet: Internet,
    domain: str = "x.test",
    *,
    opener: MxOpener | None = None,
    store: PolicyStore | None = None,
    **changes: object,
) -> tuple[str, str, str]:
    """Verdict, code and sentence as the mail log has them, with the port left out."""
    opener = opener or internet.opener(store=store, **changes)  # type: ignore[arg-type]
    with pytest.raises(Ended) as raised:
        await opener.open(domain)
    ended = raised.value
    verdict = judge(ended.ending, str(ended.hop) if ended.hop else domain)
    return verdict.name, verdict.reason_code, verdict.reason.replace(f":{internet.port}", "")
