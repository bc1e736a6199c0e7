"""Suppressed recipients over real SMTP, from the table to the reply."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from senders.models import Suppression
from senders.suppressions.services import lift, suppress
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.models import RefusedMail
from smtp_gateway.suppressing.watch import SuppressionWatch
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway, as_data, eventually

OK = "250 2.1.5 Recipient ok"


async def suppressed(gateway: Gateway, recipient: str, **changes: Any) -> Suppression:
    asked = {"reason": "manual", "now": timezone.now()} | changes
    return await gateway.database(lambda: suppress(recipient_or_domain=recipient, **asked))


async def rcpt(gateway: Gateway, *recipients: str) -> list[str]:
    """The replies to RCPT for each, in one transaction."""
    to = [f"RCPT TO:<{recipient}>" for recipient in recipients]
    return (await gateway.talk([f"MAIL FROM:<{APP}>", *to]))[1:]


async def refused(gateway: Gateway, recipient: str) -> str:
    """The refusal, once the gateway knows."""

    async def look() -> str:
        (reply,) = await rcpt(gateway, recipient)
        return reply if reply != OK else ""

    return await eventually(look)


async def is_accepted(gateway: Gateway, recipient: str) -> bool:
    return await rcpt(gateway, recipient) == [OK]


def watch_of(gateway: Gateway) -> SuppressionWatch:
    watch = gateway.services.suppressed
    assert isinstance(watch, SuppressionWatch)
    return watch


async def has_loaded(gateway: Gateway) -> bool:
    return watch_of(gateway).knows


async def test_a_mailbox_that_does_not_exist_is_5_1_1_with_the_very_reply(gateway: Gateway) -> None:
    await suppressed(
        gateway,
        "gone@home.example",
        reason="hard-bounce",
        category="no-such-mailbox",
        evidence="550 5.1.1 No such user",
    )
    day = timezone.now().strftime("%Y-%m-%d")
    assert await refused(gateway, "gone@home.example") == (
        f"550 5.1.1 No mail is sent to this address since {day}: mail to it bounced"
        " (550 5.1.1 No such user); to lift it, see Suppressions in the console"
    )


async def test_everything_else_is_5_7_1(gateway: Gateway) -> None:
    await suppressed(gateway, "left@home.example", reason="opt-out", sender_address=APP)
    reply = await refused(gateway, "left@home.example")
    assert reply.startswith("550 5.7.1 ")
    assert "the recipient opted out" in reply


async def test_a_gateway_that_runs_hears_of_an_opt_out(gateway: Gateway) -> None:
    assert await is_accepted(gateway, "left@home.example")
    await eventually(lambda: has_loaded(gateway))
    await suppressed(gateway, "left@home.example", reason="opt-out", sender_address=APP)
    assert (await refused(gateway, "left@home.example")).startswith("550 5.7.1 ")


@pytest.mark.parametrize(
    "written",
    ["Gone@Home.Example", "gone@home.example", '"gone"@home.example'],
    ids=["case", "plain", "quoted"],
)
async def test_however_an_address_is_written_it_is_the_same(gateway: Gateway, written: str) -> None:
    await suppressed(gateway, "gone@home.example")
    await suppressed(gateway, '"gone"@home.example', reason="hard-bounce")
    await refused(gateway, written)


async def test_a_domain_is_the_same_in_letters_of_its_own(gateway: Gateway) -> None:
    await suppressed(gateway, "jane@müller.example")
    await refused(gateway, "jane@MÜLLER.example")
    await refused(gateway, "jane@xn--mller-kva.example")


async def test_a_domain_stops_what_is_below_it_and_nothing_beside_it(gateway: Gateway) -> None:
    await suppressed(gateway, "home.example")
    reply = await refused(gateway, "ann@mail.home.example")
    assert "No mail is sent to the domain home.example since" in reply
    await refused(gateway, "ann@home.example")
    assert await is_accepted(gateway, "ann@nothome.example")
    assert await is_accepted(gateway, "home.example@other.example")


async def test_a_scope_stops_only_its_own_mail(gateway: Gateway) -> None:
    other = {"reason": "opt-out", "sender_address": "news@shop.example"}
    await suppressed(gateway, "a@home.example", **other)
    await suppressed(gateway, "b@home.example", mail_type="batch")
    await suppressed(gateway, "c@home.example", mail_type="trigger")
    await refused(gateway, "c@home.example")
    assert await rcpt(gateway, "a@home.example", "b@home.example") == [OK, OK]


async def test_one_that_is_lifted_or_over_stops_nothing_more(gateway: Gateway) -> None:
    first = await suppressed(gateway, "a@home.example")
    second = await suppressed(gateway, "b@home.example")
    await refused(gateway, "a@home.example")
    await refused(gateway, "b@home.example")
    await gateway.database(lambda: lift([first], why="back", now=timezone.now()))
    assert await is_accepted(gateway, "a@home.example")
    over = timezone.now() - timedelta(seconds=1)
    await gateway.database(lambda: Suppression.objects.filter(pk=second.pk).update(expires_at=over))
    assert await is_accepted(gateway, "b@home.example")


async def test_others_of_the_same_mail_are_taken_and_pipelining_keeps_its_order(
    gateway: Gateway,
) -> None:
    await suppressed(gateway, "gone@home.example")
    await refused(gateway, "gone@home.example")
    async with gateway.session() as client:
        names = ("ann", "gone", "bob", "gone", "eve")
        to = "".join(f"RCPT TO:<{name}@home.example>\r\n" for name in names)
        client.send(f"MAIL FROM:<{APP}>\r\n{to}DATA\r\n".encode())
        codes = [(await client.reply())[:3] for _ in range(7)]
        assert codes == ["250", "250", "550", "250", "550", "250", "354"]
        client.send(as_data(MAIL))
        assert (await client.reply()).startswith("250 2.0.0")
    (message,) = await gateway.messages()
    recipients = await gateway.database(
        lambda: sorted(message.deliveries.values_list("recipient", flat=True))
    )
    assert recipients == ["ann@home.example", "bob@home.example", "eve@home.example"]


async def test_who_names_nobody_but_suppressed_recipients_is_ended_in_the_end(
    gateway: Gateway,
) -> None:
    await suppressed(gateway, "gone@home.example")
    await refused(gateway, "gone@home.example")
    gateway.configure(max_recipients=2, max_fruitless_commands=5)
    async with gateway.session() as client:
        replies = await client.talk([f"MAIL FROM:<{APP}>", *["RCPT TO:<gone@home.example>"] * 21])
        assert {reply[:3] for reply in replies[1:]} == {"550"}
        client.send(b"RCPT TO:<gone@home.example>\r\n" * 20)
        codes = [(await client.reply())[:3] for _ in range(20)]
    assert set(codes) == {"550", "421", ""}


async def test_the_mail_log_shows_who_was_refused(gateway: Gateway) -> None:
    await suppressed(gateway, "gone@home.example")
    await refused(gateway, "gone@home.example")

    async def shown() -> RefusedMail | None:
        return await gateway.database(RefusedMail.objects.first)

    row = await eventually(shown)
    assert (row.code, row.recipients) == ("recipient-suppressed", "gone@home.example")


async def test_a_gateway_that_knows_nothing_yet_asks_before_it_says_yes(gateway: Gateway) -> None:
    watch = SuppressionWatch(LoopDatabase())
    gateway.services.suppressed = watch
    await suppressed(gateway, "gone@home.example")
    (reply, other) = await rcpt(gateway, "gone@home.example", "ann@home.example")
    await watch.flush()
    assert reply.startswith("550 5.7.1")
    assert other == OK


async def test_nothing_passes_while_nobody_can_know(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    watch = SuppressionWatch(LoopDatabase())
    gateway.services.suppressed = watch
    async with gateway.session() as client:
        await client.talk([f"MAIL FROM:<{APP}>"])
        with monkeypatch.context() as away:
            away.setitem(connections.settings["default"], "HOST", str(tmp_path))
            replies = await client.talk(["RCPT TO:<ann@home.example>"])
        assert replies == ["451 4.3.0 Temporary problem at our side; try again later"]
        assert await client.talk(["RCPT TO:<ann@home.example>"]) == [OK]
        await watch.flush()
