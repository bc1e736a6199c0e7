"""From a domain to a session: which host is reached, and what is told where none is."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from smtp_gateway.relay.mx.opener import MxLimits
from smtp_gateway.relay.session import Timeouts
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.internet.names import Trouble
from tests.smtp_gateway.relay.mx.opening import opened, refused
from tests.smtp_gateway.relay.next_hop import DROP, HANG, Script
from tests.smtp_gateway.relay.sending import until


def saying(verb: str, reply: str) -> Script:
    return lambda asked, argument: reply if asked == verb else None


async def test_the_most_preferred_host_is_reached(internet: Internet) -> None:
    first, second = [await internet.host(f"mx{n}.x.test") for n in (1, 2)]
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    session = await opened(internet)
    assert str(session.hop) == f"mx1.x.test [{first.host}]:{internet.port}"
    assert (len(first.taken), second.connections) == (1, 0)


@pytest.mark.parametrize(
    "script",
    [
        saying("CONNECT", "421 4.3.2 Closing"),
        saying("CONNECT", "554 5.7.1 No mail from you"),
        saying("CONNECT", DROP),
        saying("CONNECT", HANG),
        saying("CONNECT", "Hello"),
        saying("EHLO", "421 4.3.2 Closing"),
        saying("EHLO", DROP),
    ],
    ids=["421", "554", "dropped", "silent", "no SMTP", "421 to EHLO", "dropped at EHLO"],
)
async def test_the_next_host_is_tried_where_one_does_not_talk_to_us(
    internet: Internet, script: Script
) -> None:
    first = await internet.host("mx1.x.test", script=script)
    second = await internet.host("mx2.x.test")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    session = await opened(internet, timeouts=Timeouts(reply=1))
    assert (first.connections, session.hop.ip) == (1, second.host)


async def test_the_next_host_is_tried_where_one_cannot_be_reached(internet: Internet) -> None:
    internet.names.add("mx1.x.test A 127.0.25.99")
    second = await internet.host("mx2.x.test")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    assert (await opened(internet)).hop.ip == second.host


async def test_each_address_of_a_host_is_tried(internet: Internet) -> None:
    internet.names.add("mx.x.test A 127.0.25.99")
    there = await internet.host("mx.x.test")
    internet.domain("x.test", "mx.x.test")
    assert (await opened(internet)).hop.ip == there.host


async def test_hosts_without_address_are_passed_over(internet: Internet) -> None:
    await internet.host("mx2.x.test")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    assert (await opened(internet)).hop.host == "mx2.x.test"


async def test_hosts_whose_look_up_fails_are_passed_over(internet: Internet) -> None:
    await internet.host("mx2.x.test")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    for kind in ("A", "AAAA"):
        internet.names.trouble("mx1.x.test", kind, Trouble.SERVFAIL)
    assert (await opened(internet)).hop.host == "mx2.x.test"


async def test_a_domain_without_mx_gets_its_mail_itself(internet: Internet) -> None:
    await internet.host("x.test")
    assert (await opened(internet)).hop.host == "x.test"


async def test_an_internationalised_domain_is_asked_for_in_a_labels(internet: Internet) -> None:
    await internet.host("mx.x.test")
    internet.domain("xn--bcher-kva.test", "mx.x.test")
    session = await internet.opener().open("Bücher.test")
    session.close()
    assert session.hop.host == "mx.x.test"


async def test_a_host_that_is_an_alias_is_reached(internet: Internet) -> None:
    there = await internet.host("real.test")
    internet.names.add("mx.x.test CNAME real.test")
    internet.domain("x.test", "mx.x.test")
    assert (await opened(internet)).hop.ip == there.host


@pytest.mark.parametrize(
    ("address", "domain"), [("127.0.25.77", "[127.0.25.77]"), ("::1", "[IPv6:::1]")]
)
async def test_an_address_for_a_domain_is_connected_to(
    internet: Internet, address: str, domain: str
) -> None:
    await internet.host("unnamed.test", address=address, is_named=False)
    session = await internet.opener().open(domain)
    session.close()
    assert str(session.hop) == f"[{address}]:{internet.port}"
    assert internet.names.asked == []


async def test_ipv6_is_tried_first(internet: Internet) -> None:
    ipv4 = await internet.host("mx.x.test")
    await internet.host("mx.x.test", address="::1")
    internet.domain("x.test", "mx.x.test")
    assert (await opened(internet)).hop.ip == "::1"
    assert ipv4.connections == 0


async def test_ipv4_is_tried_where_ipv6_does_not_work_and_is_remembered(
    internet: Internet,
) -> None:
    await internet.host("mx.x.test")
    internet.names.add("mx.x.test AAAA ::1")
    internet.domain("x.test", "mx.x.test")
    opener = internet.opener()
    assert ":" not in (await opened(internet, opener=opener)).hop.ip
    ipv6 = await internet.host("mx.x.test", address="::1", is_named=False)
    assert ":" not in (await opened(internet, opener=opener)).hop.ip
    assert ipv6.connections == 0


async def test_no_more_hosts_than_allowed_are_tried(internet: Internet) -> None:
    hosts = [
        await internet.host(f"mx{n}.x.test", script=saying("CONNECT", "421 Busy")) for n in range(4)
    ]
    internet.domain("x.test", *(f"mx{n}.x.test" for n in range(4)))
    await refused(internet, limits=MxLimits(hosts=2))
    assert [hop.connections for hop in hosts] == [1, 1, 0, 0]


async def test_no_more_addresses_than_allowed_are_tried(internet: Internet) -> None:
    script = saying("CONNECT", "421 Busy")
    names = ("mx1.x.test", "mx1.x.test", "mx2.x.test", "mx2.x.test")
    hosts = [await internet.host(name, script=script) for name in names]
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    await refused(internet, limits=MxLimits(addresses=3))
    assert sum(hop.connections for hop in hosts) == 3


async def test_an_address_that_does_not_answer_costs_little_where_there_is_another(
    internet: Internet,
) -> None:
    there = await internet.host("mx.x.test")
    internet.domain("x.test", "mx.x.test")
    with deaf_host("::1", internet.port):
        internet.names.add("mx.x.test AAAA ::1")
        async with asyncio.timeout(5):
            session = await opened(internet, limits=MxLimits(quick_connect_seconds=0.2))
    assert session.hop.ip == there.host


async def test_the_last_address_of_a_host_gets_all_the_time_there_is(internet: Internet) -> None:
    internet.domain("x.test", "mx.x.test")
    internet.names.add("mx.x.test AAAA ::1")
    with deaf_host("::1", internet.port):
        verdict = await refused(
            internet, limits=MxLimits(quick_connect_seconds=0.1), timeouts=Timeouts(connect=0.3)
        )
    assert verdict[1:] == (
        "next-hop-unreachable",
        "mx.x.test [::1] cannot be reached: no answer within 0.3 seconds.",
    )


@contextmanager
def deaf_host(address: str, port: int) -> Iterator[None]:
    """Listens with no room for anybody: what asks for a connection hears nothing."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket(socket.AF_INET6))
        server.bind((address, port))
        server.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket(socket.AF_INET6))
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield


@pytest.mark.parametrize("domain", ["x.test", "[127.0.25.1]"])
async def test_on_the_real_port_strangers_mail_never_goes_to_this_machine(
    internet: Internet, domain: str
) -> None:
    internet.names.add("mx.x.test A 127.0.25.1", "mx.x.test AAAA ::1")
    internet.domain("x.test", "mx.x.test")
    verdict = await refused(internet, domain, opener=internet.opener(port=25))
    assert verdict[:2] == ("deferred", "dns-failed")
    assert "has no address that another machine can have" in verdict[2]


async def test_the_connection_comes_from_the_address_of_its_family(internet: Internet) -> None:
    there = await internet.host("mx.x.test")
    internet.domain("x.test", "mx.x.test")
    await opened(internet, source_ipv4="127.0.7.7", source_ipv6="::1")
    assert there.peers == ["127.0.7.7"]


async def test_an_attempt_that_is_given_up_leaves_no_connection(internet: Internet) -> None:
    silent = await internet.host("mx.x.test", script=saying("CONNECT", HANG))
    internet.domain("x.test", "mx.x.test")
    task = asyncio.create_task(internet.opener().open("x.test"))
    await until(lambda: silent.connections)
    assert established_to(silent.host)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    await until(lambda: not established_to(silent.host))


def established_to(address: str) -> bool:
    """Whether this process has an open connection to there."""
    sockets = psutil.Process().net_connections("tcp")
    ends = [each.raddr for each in sockets if each.status == psutil.CONN_ESTABLISHED]
    return any(end and end.ip == address for end in ends)
