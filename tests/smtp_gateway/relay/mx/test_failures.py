"""What is told where no host of a domain could be reached."""

from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.internet.names import Trouble
from tests.smtp_gateway.relay.mx.opening import refused
from tests.smtp_gateway.relay.mx.test_opener import saying


async def test_a_reply_tells_more_than_silence(internet: Internet) -> None:
    busy = await internet.host("mx1.x.test", script=saying("CONNECT", "421 4.3.2 Busy"))
    internet.names.add("mx2.x.test A 127.0.25.99")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    assert await refused(internet) == (
        "deferred",
        "next-hop-refused-connection",
        f"mx1.x.test [{busy.host}] does not talk to us now: 421 4.3.2 Busy",
    )


async def test_of_several_replies_the_last_is_told(internet: Internet) -> None:
    for n in (1, 2):
        await internet.host(f"mx{n}.x.test", script=saying("CONNECT", f"421 4.3.2 Busy {n}"))
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    assert (await refused(internet))[2].endswith("421 4.3.2 Busy 2")


async def test_nobody_there_is_told_with_the_address(internet: Internet) -> None:
    internet.names.add("mx.x.test A 127.0.25.99")
    internet.domain("x.test", "mx.x.test")
    assert await refused(internet) == (
        "deferred",
        "next-hop-unreachable",
        "mx.x.test [127.0.25.99] cannot be reached: connection refused.",
    )


async def test_hosts_that_all_lack_an_address_are_told_as_such(internet: Internet) -> None:
    internet.domain("x.test", "mx.x.test")
    assert await refused(internet) == (
        "deferred",
        "dns-failed",
        "mx.x.test, which takes mail for x.test, has no address.",
    )


async def test_a_domain_with_neither_mx_nor_address_bounces(internet: Internet) -> None:
    internet.names.add('x.test TXT "here"')
    assert await refused(internet) == (
        "bounced",
        "domain-does-not-exist",
        "x.test has neither a mail server nor an address (5.1.2).",
    )


async def test_a_domain_whose_address_nobody_can_tell_waits(internet: Internet) -> None:
    internet.names.add('x.test TXT "here"')
    internet.names.trouble("x.test", "A", Trouble.SERVFAIL)
    assert (await refused(internet))[:2] == ("deferred", "dns-failed")


async def test_a_domain_that_does_not_exist_bounces(internet: Internet) -> None:
    assert await refused(internet, "nowhere.test") == (
        "bounced",
        "domain-does-not-exist",
        "There is no domain nowhere.test (5.1.2).",
    )


async def test_a_domain_that_takes_no_mail_bounces(internet: Internet) -> None:
    internet.names.add("x.test MX 0 .")
    assert (await refused(internet))[:2] == ("bounced", "domain-takes-no-mail")


async def test_what_is_no_domain_bounces(internet: Internet) -> None:
    assert await refused(internet, "[not an address]") == (
        "bounced",
        "domain-does-not-exist",
        "The domain [not an address] is no address in brackets (5.1.2).",
    )
