"""What one mail or one sender address may choose: a short lifetime, what Reply-To it has."""

from datetime import timedelta

import pytest
from django.utils import timezone

from senders.models import SenderAddress
from senders.services import change_reply_to
from tests.senders.deciding import decide
from tests.smtp_gateway.submission.talking import APP, MAIL, as_data, make_sender
from verification.models import Verification

LIFETIME = "X-DirectMail-Lifetime: {}\r\n"
OUT_OF_BOUNDS = (
    "550 5.6.0 X-DirectMail-Lifetime must be one number of seconds from 60 to 86400"
)  # fmt: skip


def choose(choice: str, *, reply_to: str = "help@shop.example", is_verified: bool = True) -> None:
    sender = SenderAddress.objects.get(address=APP)
    change_reply_to(sender, reply_to=reply_to)
    SenderAddress.objects.filter(pk=sender.pk).update(reply_to_on_smtp=choice)
    if is_verified:
        now = timezone.now()
        Verification.objects.filter(mailbox=reply_to).update(requested_at=now, confirmed_at=now)


async def test_a_mail_may_ask_for_a_shorter_lifetime_and_no_recipient_sees_it(gateway):
    assert (await gateway.submit(LIFETIME.format(300) + MAIL)).startswith("250")
    (message,) = await gateway.messages()
    assert message.expires_at - message.accepted_at == timedelta(seconds=300)
    assert b"X-DirectMail" not in bytes(message.content.body)
    assert bytes(message.content.body).endswith(MAIL.encode())


@pytest.mark.parametrize(
    "value",
    ["59", "86401", "soon", "", "-300", "3e2", "300 s", "9" * 40, "٣٠٠"],
    ids=["short", "long", "word", "empty", "negative", "float", "unit", "huge", "other-digits"],
)
async def test_a_lifetime_out_of_bounds_is_refused(gateway, value):
    assert await gateway.submit(LIFETIME.format(value) + MAIL) == OUT_OF_BOUNDS


async def test_a_lifetime_given_twice_is_refused(gateway):
    assert await gateway.submit(LIFETIME.format(300) * 2 + MAIL) == OUT_OF_BOUNDS


async def test_batch_mail_may_not_ask(gateway):
    await gateway.database(lambda: make_sender("news@shop.example", mail_type="batch"))
    mail = as_data(LIFETIME.format(300) + MAIL.replace("app@shop", "news@shop"))
    async with gateway.session("news@shop.example") as client:
        lines = ["MAIL FROM:<news@shop.example>", "RCPT TO:<ann@home.example>", "DATA", mail]
        replies = await client.talk(lines)
    assert replies[-1] == (
        "550 5.7.1 X-DirectMail-Lifetime is not for this mail type; leave it out"
    )


async def test_the_lifetime_is_what_the_policy_says(gateway):
    await gateway.database(lambda: decide("trigger", lifetime=timedelta(minutes=30)))
    await gateway.submit()
    (message,) = await gateway.messages()
    assert message.expires_at - message.accepted_at == timedelta(minutes=30)


async def test_a_mail_has_no_more_recipients_than_its_policy_says(gateway):
    await gateway.database(lambda: decide("trigger", max_recipients=2))
    named = [f"RCPT TO:<{name}@home.example>" for name in ("ann", "bob", "eve", "ann")]
    replies = await gateway.talk([f"MAIL FROM:<{APP}>", *named])
    assert [reply[:3] for reply in replies] == ["250", "250", "250", "452", "250"]


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "none"])
async def test_by_default_reply_to_stays_as_it_came(gateway, stated):
    await gateway.database(lambda: choose("original"))
    mail = ("Reply-To: ann@elsewhere.example\r\n" if stated else "") + MAIL
    assert (await gateway.submit(mail)).startswith("250")
    (body,) = await gateway.bodies()
    assert body.endswith(mail.encode())
    assert body.count(b"Reply-To") == int(stated)


async def test_a_mail_without_reply_to_gets_the_verified_one(gateway):
    await gateway.database(lambda: choose("add"))
    await gateway.submit()
    (body,) = await gateway.bodies()
    assert body.endswith(b"Reply-To: help@shop.example\r\n" + MAIL.encode())


async def test_a_reply_to_of_the_application_is_not_touched_where_one_is_added(gateway):
    await gateway.database(lambda: choose("add"))
    mail = "Reply-To: ann@elsewhere.example\r\n" + MAIL
    await gateway.submit(mail)
    (body,) = await gateway.bodies()
    assert body.endswith(mail.encode())
    assert b"help@shop.example" not in body


async def test_an_unverified_reply_to_is_never_added(gateway):
    await gateway.database(lambda: choose("add", is_verified=False))
    await gateway.submit()
    (body,) = await gateway.bodies()
    assert b"Reply-To" not in body


@pytest.mark.parametrize(
    "value",
    ["help@shop.example", "Help Desk <Help@Shop.Example>"],
    ids=["bare", "with-a-name"],
)
async def test_the_verified_reply_to_is_let_through(gateway, value):
    await gateway.database(lambda: choose("require"))
    assert (await gateway.submit(f"Reply-To: {value}\r\n{MAIL}")).startswith("250")
    assert (await gateway.submit()).startswith("250")


@pytest.mark.parametrize(
    "value",
    ["ann@elsewhere.example", "help@shop.example, ann@elsewhere.example", "nonsense", ""],
    ids=["another", "one-more", "malformed", "empty"],
)
async def test_another_reply_to_is_refused_with_what_to_do(gateway, value):
    await gateway.database(lambda: choose("require"))
    assert await gateway.submit(f"Reply-To: {value}\r\n{MAIL}") == (
        "550 5.7.1 Reply-To header must be help@shop.example or be left out"
    )


async def test_with_nothing_verified_every_reply_to_is_refused(gateway):
    await gateway.database(lambda: choose("require", is_verified=False))
    assert await gateway.submit(f"Reply-To: help@shop.example\r\n{MAIL}") == (
        "550 5.7.1 Leave Reply-To out, or verify the reply-to address of app@shop.example in the "
        "console first"
    )
    assert (await gateway.submit()).startswith("250")
