"""Recipients that are refused for a reason of their own."""

import dataclasses
from datetime import UTC, datetime

import pytest

from smtp_gateway.identity import Sender
from smtp_gateway.submission.suppression import Suppressed
from tests.smtp_gateway.submission.limits import ENVELOPE
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    Gateway,
    as_data,
)


async def test_a_suppressed_recipient_is_refused_with_a_reason(gateway: Gateway) -> None:
    asked: list[tuple[str, str]] = []

    def suppressed(sender: Sender, recipient: str) -> Suppressed | None:
        asked.append((sender.address, recipient))
        found = Suppressed("a mail bounced: no such mailbox", datetime(2026, 11, 1, tzinfo=UTC))
        return {
            "gone@home.example": dataclasses.replace(found, is_unknown_mailbox=True),
            "left@home.example": dataclasses.replace(found, reason="the recipient opted out"),
        }.get(recipient)

    gateway.services.suppressed = suppressed
    to = [f"RCPT TO:<{name}@home.example>" for name in ("gone", "left", "ann")]
    replies = await gateway.talk([f"MAIL FROM:<{APP}>", *to, "DATA", as_data(MAIL)])
    assert replies[1:4] == [
        "550 5.1.1 No mail is sent to this address since 2026-11-01: "
        "a mail bounced: no such mailbox; to lift it, see Suppressions in the console",
        "550 5.7.1 No mail is sent to this address since 2026-11-01: the recipient opted out; "
        "to lift it, see Suppressions in the console",
        "250 2.1.5 Recipient ok",
    ]
    assert asked[0] == (APP, "gone@home.example")
    assert replies[-1].startswith("250 2.0.0")


async def test_a_look_up_that_fails_is_a_temporary_refusal_with_a_log_line(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(sender: Sender, recipient: str) -> Suppressed | None:
        raise RuntimeError("secret cause")

    async with gateway.session() as client, gateway.session() as other:
        gateway.services.suppressed = broken
        replies = await client.talk(ENVELOPE[:2])
        assert replies[1] == "451 4.3.0 Temporary problem at our side; try again later"
        gateway.services.suppressed = lambda sender, recipient: None
        assert (await other.talk([*ENVELOPE, as_data(MAIL)]))[-1].startswith("250 2.0.0")
        assert (await client.talk([*ENVELOPE[1:], as_data(MAIL)]))[-1].startswith("250 2.0.0")
    (fault,) = [record for record in caplog.records if record.getMessage() == "session.fault"]
    assert len(fault.session_id) == 16  # type: ignore[attr-defined]
