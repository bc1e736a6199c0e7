"""RCPT: who the mail goes to."""

import pytest

from smtp_gateway.models import Delivery
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway, as_data

OK = "250 2.1.5 Recipient ok"
BAD = "501 5.1.3 Bad recipient address syntax"

ADDRESSES = [
    "<a@b.example>",
    " <a@b.example>",
    "a@b.example",
    "<A.B+c@Sub.B.Example>",
    "<o'neil@b.example>",
    '<"odd name"@b.example>',
    "<a@[192.0.2.1]>",
    "<a@[IPv6:2001:db8::1]>",
    "<@one.example,@two.example:a@b.example>",
    "<a@localhost>",
    "<a@müller.example>",
]

NO_ADDRESSES = [
    "<>",
    "",
    "<a>",
    "<@b.example>",
    "<a@b.example",
    "<a@@b.example>",
    "<a@b@c.example>",
    "<.a@b.example>",
    "<a..b@c.example>",
    "<a@-b.example>",
    "<a@b..example>",
    "<a@b.example.>",
    "<a@[300.0.0.1]>",
    "<a@b_!.example>",
    f"<{'a' * 65}@b.example>",
    f"<a@{'b' * 64}.example>",
    f"<a@{'b.' * 130}example>",
    '<"unfinished@b.example>',
    "<(",
    "<a@(",
]


async def rcpt(gateway: Gateway, *paths: str, mail: str = f"MAIL FROM:<{APP}>") -> list[str]:
    return (await gateway.talk([mail, *(f"RCPT TO:{path}" for path in paths)]))[1:]


async def recipients(gateway: Gateway) -> list[str]:
    return await gateway.database(
        lambda: list(Delivery.objects.order_by("id").values_list("recipient", flat=True))
    )


async def test_rcpt_needs_mail(gateway: Gateway) -> None:
    assert await gateway.talk(["RCPT TO:<a@b.example>"]) == ["503 5.5.1 Send MAIL first"]


async def test_addresses_are_accepted(gateway: Gateway) -> None:
    replies = await rcpt(gateway, *ADDRESSES)
    assert dict(zip(ADDRESSES, replies, strict=True)) == dict.fromkeys(ADDRESSES, OK)


async def test_what_is_no_address_is_refused(gateway: Gateway) -> None:
    replies = await rcpt(gateway, *NO_ADDRESSES)
    assert dict(zip(NO_ADDRESSES, replies, strict=True)) == dict.fromkeys(NO_ADDRESSES, BAD)


async def test_other_syntax_and_parameters_are_refused(gateway: Gateway) -> None:
    replies = await gateway.talk(
        [f"MAIL FROM:<{APP}>", "RCPT", "RCPT <a@b.example>", "RCPT TO:<a@b.example> X-ODD",
         "RCPT TO:<a@b.example> RET=FULL", "RCPT TO:<a@b.example> NOTIFY=NEVER NOTIFY=NEVER",
         "RCPT TO:<a@b.example> NOTIFY=", "RCPT TO:<a@b.example> =NEVER",
         "RCPT TO:<a@b.example> NOTIFY=NEVER,DELAY", "RCPT TO:<a@b.example> ORCPT=a@b.example"]
    )  # fmt: skip
    assert replies[1:] == [
        *["501 5.5.4 Syntax: RCPT TO:<address> [parameters]"] * 2,
        *["555 5.5.4 Parameter not recognized or not implemented"] * 2,
        *["501 5.5.4 Syntax: RCPT TO:<address> [parameters]"] * 3,
        "501 5.5.4 Bad value of the parameter NOTIFY",
        "501 5.5.4 Bad value of the parameter ORCPT",
    ]


async def test_a_non_ascii_name_needs_smtputf8(gateway: Gateway) -> None:
    assert await rcpt(gateway, "<jürgen@b.example>") == [
        "553 5.6.7 A non-ASCII address needs the SMTPUTF8 parameter at MAIL"
    ]
    smtputf8 = f"MAIL FROM:<{APP}> SMTPUTF8"
    assert await rcpt(gateway, "<jürgen@müller.example>", mail=smtputf8) == [OK]


@pytest.mark.parametrize("name", ["a\ud8ff", "a\udcffb", "\udcc3", "a\x9fb", "a\u202eb", "\u2066"])
async def test_a_name_that_cannot_be_shown_is_refused(gateway: Gateway, name: str) -> None:
    octets = name.encode("utf-8", "surrogatepass" if "\ud8ff" in name else "surrogateescape")
    lines = [f"MAIL FROM:<{APP}> SMTPUTF8", b"RCPT TO:<" + octets + b"@b.example>\r\n", "RSET",
             b"MAIL FROM:<" + octets + b"@b.example> SMTPUTF8\r\n"]  # fmt: skip
    replies = await gateway.talk(lines)
    assert replies[1] == "553 5.1.3 Recipient address has characters that cannot be used"
    assert replies[3] == "553 5.1.7 Sender address has characters that cannot be used"


async def test_one_more_than_the_limit_is_refused_for_now(gateway: Gateway) -> None:
    paths = [f"<r{n}@b.example>" for n in range(101)]
    replies = await rcpt(gateway, *paths, paths[0])
    assert replies == [
        *[OK] * 100,
        "452 4.5.3 Too many recipients; send the rest in another transaction",
        OK,
    ]


async def named_at_once(gateway: Gateway, count: int) -> list[str]:
    """How the replies to so many recipients begin, and the one to DATA behind them."""
    gateway.configure(max_recipients=2, max_fruitless_commands=5)
    async with gateway.session() as client:
        paths = [f"RCPT TO:<r{number}@b.example>" for number in range(count)]
        lines = [f"MAIL FROM:<{APP}>", *paths, "DATA"]
        client.send("".join(f"{line}\r\n" for line in lines).encode())
        replies = [await client.reply() for _ in lines]
    return [reply[:9] for reply in replies[1:]]


async def test_a_client_that_names_ten_times_too_many_at_once_still_sends_its_mail(
    gateway: Gateway,
) -> None:
    replies = await named_at_once(gateway, 22)
    assert replies == [*[OK[:9]] * 2, *["452 4.5.3"] * 20, "354 End d"]


async def test_a_client_that_names_ever_more_is_ended(gateway: Gateway) -> None:
    replies = await named_at_once(gateway, 100)
    last = replies.index("421 4.7.0")
    assert replies[:last] == [*[OK[:9]] * 2, *["452 4.5.3"] * (last - 2)]
    assert 20 < last - 2 <= 26
    assert set(replies[last + 1 :]) == {""}


async def test_one_mailbox_named_twice_gets_one_delivery(gateway: Gateway) -> None:
    paths = ["<Ann@Home.Example>", "<Ann@home.example>", "<ann@home.example>"]
    lines = [f"MAIL FROM:<{APP}>", *(f"RCPT TO:{path}" for path in paths), "DATA", as_data(MAIL)]
    assert (await gateway.talk(lines))[-1].startswith("250 2.0.0 Ok: queued as ")
    assert await recipients(gateway) == ["Ann@Home.Example", "ann@home.example"]


async def test_an_idn_domain_is_stored_in_a_labels(gateway: Gateway) -> None:
    await gateway.submit(recipient="ann@müller.example")
    assert await recipients(gateway) == ["ann@xn--mller-kva.example"]
