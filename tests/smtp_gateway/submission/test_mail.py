"""MAIL: only as oneself, and its parameters."""

import pytest

from tests.smtp_gateway.submission.talking import APP, Gateway, make_sender

OK = "250 2.1.0 Sender ok"
NOT_YOURS = f"553 5.7.1 Sender refused; send MAIL FROM:<{APP}>, the address you log in as"
BAD_PARAMETER = "501 5.5.4 Bad value of a parameter"
UNKNOWN_PARAMETER = "555 5.5.4 Parameter not recognized or not implemented"
SYNTAX = "501 5.5.4 Syntax: MAIL FROM:<address> [parameters]"


async def test_mail_needs_hello_and_then_a_log_in(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        lines = [f"MAIL FROM:<{APP}>", "EHLO c", f"MAIL FROM:<{APP}>"]
        first, _, second = await client.talk(lines)
        assert first == "503 5.5.1 Send EHLO first"
        assert second == "530 5.7.0 Authentication required; log in with AUTH first"


@pytest.mark.parametrize(
    "path",
    [
        f"<{APP}>",
        " <App@SHOP.Example>",
        APP,
        "<@relay.example:app@shop.example>",
        '<"app"@shop.example>',
    ],
)
async def test_the_own_address_is_accepted_in_any_spelling(gateway: Gateway, path: str) -> None:
    assert await gateway.talk([f"MAIL FROM:{path}"]) == [OK]


async def test_an_idn_sender_may_write_its_domain_either_way(gateway: Gateway) -> None:
    await gateway.database(lambda: make_sender("post@müller.example"))
    async with gateway.session("post@müller.example") as client:
        for domain in ("xn--mller-kva.example", "müller.example", "MÜLLER.example"):
            assert await client.talk([f"MAIL FROM:<post@{domain}>", "RSET"]) == [
                OK,
                "250 2.0.0 Ok",
            ]


@pytest.mark.parametrize(
    "path", ["<other@shop.example>", "<>", "<app@other.example>", "<app+tag@shop.example>"]
)
async def test_any_other_address_is_refused(gateway: Gateway, path: str) -> None:
    assert await gateway.talk([f"MAIL FROM:{path}"]) == [NOT_YOURS]


@pytest.mark.parametrize("path", ["<app>", "<app@>", "<app@shop..example>", "<a b@shop.example>"])
async def test_what_is_no_address_is_refused(gateway: Gateway, path: str) -> None:
    assert await gateway.talk([f"MAIL FROM:{path}"]) == ["501 5.1.7 Bad sender address syntax"]


async def test_what_is_no_mail_command_is_refused(gateway: Gateway) -> None:
    assert await gateway.talk(["MAIL", f"MAIL <{APP}>", f"MAIL FROM:<{APP}> SIZE==="]) == [
        SYNTAX,
        SYNTAX,
        BAD_PARAMETER,
    ]


async def test_a_second_mail_is_refused(gateway: Gateway) -> None:
    assert await gateway.talk([f"MAIL FROM:<{APP}>", f"MAIL FROM:<{APP}>"]) == [
        OK,
        "503 5.5.1 A mail transaction is open already; send RSET to drop it",
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        "SIZE=1000",
        "size=15728640",
        "BODY=8BITMIME",
        "body=7bit",
        "SMTPUTF8",
        "AUTH=<>",
        "AUTH=app@shop.example",
        "SIZE=1 BODY=8BITMIME SMTPUTF8 AUTH=<>",
    ],
)
async def test_offered_parameters_are_accepted(gateway: Gateway, parameters: str) -> None:
    assert await gateway.talk([f"MAIL FROM:<{APP}> {parameters}"]) == [OK]


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("SIZE=15728641", "552 5.3.4 Message too large; the limit is 15728640 bytes"),
        ("SIZE", BAD_PARAMETER),
        ("SIZE=many", BAD_PARAMETER),
        ("SIZE=123456789012345678901", BAD_PARAMETER),
        ("SIZE=1 SIZE=1", SYNTAX),
        ("BODY=BINARYMIME", BAD_PARAMETER),
        ("SMTPUTF8=yes", BAD_PARAMETER),
        ("AUTH", BAD_PARAMETER),
        ("RET=HDRS", UNKNOWN_PARAMETER),
        ("X-ODD=1", UNKNOWN_PARAMETER),
    ],
)
async def test_other_parameters_are_refused(gateway: Gateway, parameters: str, reply: str) -> None:
    assert await gateway.talk([f"MAIL FROM:<{APP}> {parameters}", f"MAIL FROM:<{APP}>"]) == [
        reply,
        OK,
    ]
