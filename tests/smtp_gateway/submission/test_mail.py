"""MAIL: only as oneself, and its parameters."""

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


async def mail(gateway: Gateway, *arguments: str) -> list[str]:
    """The reply to each MAIL command of one session."""
    async with gateway.session() as client:
        return [(await client.talk([f"MAIL {text}", "RSET"]))[0] for text in arguments]


async def test_the_own_address_is_accepted_in_any_spelling(gateway: Gateway) -> None:
    paths = (
        f"FROM:<{APP}>",
        f"from: <{APP}>",
        "FROM:<App@SHOP.Example>",
        f"FROM:{APP}",
        f"FROM:<@relay.example:{APP}>",
        'FROM:<"app"@shop.example>',
    )
    assert await mail(gateway, *paths) == [OK] * len(paths)


async def test_an_idn_sender_may_write_its_domain_either_way(gateway: Gateway) -> None:
    await gateway.database(lambda: make_sender("post@müller.example"))
    async with gateway.session("post@müller.example") as client:
        for domain in ("xn--mller-kva.example", "müller.example", "MÜLLER.example"):
            assert await client.talk([f"MAIL FROM:<post@{domain}>", "RSET"]) == [
                OK,
                "250 2.0.0 Ok",
            ]


async def test_any_other_address_is_refused(gateway: Gateway) -> None:
    paths = ("other@shop.example", "", "app@other.example", "app+tag@shop.example")
    replies = await mail(gateway, *(f"FROM:<{path}>" for path in paths))
    assert replies == [NOT_YOURS] * len(paths)


async def test_what_is_no_address_is_refused(gateway: Gateway) -> None:
    paths = ("<app>", "<app@>", "<app@shop..example>", "<a b@shop.example>", "<app@shop.example")
    replies = await mail(gateway, *(f"FROM:{path}" for path in paths))
    assert replies == ["501 5.1.7 Bad sender address syntax"] * len(paths)


async def test_what_is_no_mail_command_is_refused(gateway: Gateway) -> None:
    replies = await mail(gateway, "", f"<{APP}>", f"FROM:<{APP}> SIZE==", f"FROM:<{APP}> =1")
    assert replies == [SYNTAX, SYNTAX, BAD_PARAMETER, SYNTAX]


async def test_a_second_mail_is_refused(gateway: Gateway) -> None:
    assert await gateway.talk([f"MAIL FROM:<{APP}>", f"MAIL FROM:<{APP}>"]) == [
        OK,
        "503 5.5.1 A mail transaction is open already; send RSET to drop it",
    ]


async def test_offered_parameters_are_accepted(gateway: Gateway) -> None:
    parameters = (
        "SIZE=1000",
        "size=15728640",
        "BODY=8BITMIME",
        "body=7bit",
        "SMTPUTF8",
        "AUTH=<>",
        "AUTH=app@shop.example",
        "AUTH=e+3Dmc2@example.com",
        "RET=HDRS ENVID=QQ314159",
        "ret=full",
        "SIZE=1 BODY=8BITMIME SMTPUTF8 AUTH=<>",
    )
    replies = await mail(gateway, *(f"FROM:<{APP}> {text}" for text in parameters))
    assert dict(zip(parameters, replies, strict=True)) == dict.fromkeys(parameters, OK)


async def test_other_parameters_are_refused(gateway: Gateway) -> None:
    expected = {
        "SIZE=15728641": "552 5.3.4 Message too large; the limit is 15728640 bytes",
        "SIZE": BAD_PARAMETER,
        "SIZE=many": BAD_PARAMETER,
        "SIZE=\u00b2": BAD_PARAMETER,
        "SIZE=123456789012345678901": BAD_PARAMETER,
        "SIZE=1 SIZE=1": SYNTAX,
        "BODY=BINARYMIME": "555 5.5.4 BODY=BINARYMIME is not offered; encode the mail as MIME does",
        "SMTPUTF8=yes": BAD_PARAMETER,
        "AUTH": BAD_PARAMETER,
        "AUTH=a=b": BAD_PARAMETER,
        "RET=SOME": "501 5.5.4 Bad value of the parameter RET",
        "ENVID=a=b": "501 5.5.4 Bad value of the parameter ENVID",
        "RET=FULL RET=FULL": SYNTAX,
        "NOTIFY=NEVER": UNKNOWN_PARAMETER,
        "X-ODD=1": UNKNOWN_PARAMETER,
    }
    replies = await mail(gateway, *(f"FROM:<{APP}> {text}" for text in expected))
    assert dict(zip(expected, replies, strict=True)) == expected
