"""Look-ups: what comes back, how long it is kept, what is a failure and what an answer."""

import asyncio

import pytest

from smtp_gateway.relay.mx.answers import LookUpFailed, Mx, Tlsa
from smtp_gateway.relay.mx.cache import Cache
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.servers import DnsServer
from tests.smtp_gateway.relay.internet.names import Names, Trouble


class Clock:
    """Time that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asking(names: Names, **changes: object) -> Resolver:
    server = DnsServer(names.address, names.port)
    return Resolver([server], **changes)  # type: ignore[arg-type]


async def test_records_come_back_as_values(names: Names) -> None:
    names.add(
        "x.test MX 10 mx1.x.test", "x.test MX 5 MX2.x.test",
        "mx1.x.test A 192.0.2.1", "mx1.x.test AAAA 2001:db8::1",
        '_mta-sts.x.test TXT "v=STSv1;" " id=1;"', "_25._tcp.mx1.x.test TLSA 3 1 0 abcd",
    )  # fmt: skip
    resolver = asking(names)
    mx = await resolver.mx("x.test")
    assert set(mx.records) == {Mx(10, "mx1.x.test"), Mx(5, "mx2.x.test")}
    assert (await resolver.ipv4("mx1.x.test")).records == ("192.0.2.1",)
    assert (await resolver.ipv6("mx1.x.test")).records == ("2001:db8::1",)
    assert (await resolver.txt("_mta-sts.x.test")).records == ("v=STSv1; id=1;",)
    tlsa = await resolver.tlsa("_25._tcp.mx1.x.test")
    assert tlsa.records == (Tlsa(3, 1, 0, bytes.fromhex("abcd")),)


async def test_queries_ask_for_dnssec(names: Names) -> None:
    await asking(names).mx("x.test")
    assert (len(names.asked), names.without_do) == (1, 0)


async def test_no_such_name_is_an_answer(names: Names) -> None:
    answer = await asking(names).mx("nowhere.test")
    assert (answer.records, answer.name_exists) == ((), False)


async def test_a_name_without_such_records_is_an_answer(names: Names) -> None:
    names.add("x.test A 192.0.2.1")
    answer = await asking(names).mx("x.test")
    assert (answer.records, answer.name_exists) == ((), True)


async def test_aliases_are_followed(names: Names) -> None:
    names.add("a.test CNAME b.test", "b.test CNAME c.test", "c.test A 192.0.2.1")
    answer = await asking(names).ipv4("a.test")
    assert (answer.records, answer.canonical_name) == (("192.0.2.1",), "c.test")


async def test_aliases_that_lead_in_a_circle_are_no_answer(names: Names) -> None:
    names.add("a.test CNAME b.test", "b.test CNAME a.test")
    with pytest.raises(LookUpFailed):
        await asking(names).ipv4("a.test")


async def test_a_record_that_cannot_be_read_is_no_answer(names: Names) -> None:
    """One of a length that its kind cannot have makes the library drop the whole message."""
    names.add("_25._tcp.x.test TLSA 3 1 1 abcd")
    with pytest.raises(LookUpFailed):
        await asking(names, seconds=0.3).tlsa("_25._tcp.x.test")


async def test_a_servers_failure_is_no_answer(names: Names) -> None:
    names.trouble("x.test", "MX", Trouble.SERVFAIL)
    with pytest.raises(LookUpFailed, match="SERVFAIL"):
        await asking(names).mx("x.test")


async def test_a_silent_server_is_no_answer(names: Names) -> None:
    names.trouble("x.test", "MX", Trouble.DROP)
    with pytest.raises(LookUpFailed, match="do not answer in time"):
        await asking(names, seconds=0.3).mx("x.test")
    assert names.count("x.test", "MX") > 1


async def test_a_failing_server_leaves_it_to_the_next(names: Names) -> None:
    names.add("x.test MX 10 mx.x.test")
    nobody = DnsServer("127.0.53.99", names.port)
    resolver = Resolver([nobody, DnsServer(names.address, names.port)], seconds=3)
    assert (await resolver.mx("x.test")).records == (Mx(10, "mx.x.test"),)


async def test_what_is_cut_short_is_asked_again_over_tcp(names: Names) -> None:
    names.add("x.test MX 10 mx.x.test")
    names.trouble("x.test", "MX", Trouble.TRUNCATE)
    assert (await asking(names).mx("x.test")).records == (Mx(10, "mx.x.test"),)
    assert names.over_tcp == 1


async def test_what_needs_more_than_a_datagram_comes_whole(names: Names) -> None:
    names.trouble("x.test", "MX", Trouble.TRUNCATE)
    names.add(*(f"x.test MX {number} mx{number}.{'long' * 9}.x.test" for number in range(99)))
    assert len((await asking(names).mx("x.test")).records) == 99


async def test_a_forged_datagram_is_passed_over(names: Names) -> None:
    names.add("x.test A 192.0.2.1")
    names.trouble("x.test", "A", Trouble.FORGED_ID)
    assert (await asking(names).ipv4("x.test")).records == ("192.0.2.1",)


async def test_answers_are_kept_for_their_time(names: Names) -> None:
    names.add("x.test/60 MX 10 mx.x.test")
    clock = Clock()
    resolver = asking(names, clock=clock)
    for now, asked in ((1000.0, 1), (1059.0, 1), (1060.0, 2)):
        clock.now = now
        await resolver.mx("X.test")
        assert names.count("x.test", "MX") == asked


@pytest.mark.parametrize(
    ("ttl", "kept_seconds"), [(0, 5), (1, 5), (604800, 86400)], ids=["none", "short", "a week"]
)
async def test_the_time_answers_are_kept_has_bounds(
    names: Names, ttl: int, kept_seconds: int
) -> None:
    names.add(f"x.test/{ttl} MX 10 mx.x.test")
    clock = Clock()
    resolver = asking(names, clock=clock)
    for later, asked in ((0, 1), (kept_seconds - 1, 1), (kept_seconds, 2)):
        clock.now = 1000.0 + later
        await resolver.mx("x.test")
        assert names.count("x.test", "MX") == asked


async def test_what_is_not_there_is_remembered_too(names: Names) -> None:
    resolver = asking(names)
    for _ in range(2):
        assert not (await resolver.mx("nowhere.test")).name_exists
    assert names.count("nowhere.test", "MX") == 1


async def test_a_failure_is_remembered_for_moments(names: Names) -> None:
    names.trouble("x.test", "MX", Trouble.SERVFAIL)
    clock = Clock()
    resolver = asking(names, clock=clock)
    counts = []
    for now in (1000.0, 1004.0, 1005.0):
        clock.now = now
        with pytest.raises(LookUpFailed):
            await resolver.mx("x.test")
        counts.append(names.count("x.test", "MX"))
    assert counts[0] == counts[1] < counts[2]


async def test_who_asks_the_same_meanwhile_shares_the_answer(names: Names) -> None:
    names.add("x.test MX 10 mx.x.test")
    resolver = asking(names)
    await asyncio.gather(*(resolver.mx("x.test") for _ in range(20)))
    assert names.count("x.test", "MX") == 1


async def test_one_who_leaves_does_not_take_the_answer_along(names: Names) -> None:
    names.add("x.test MX 10 mx.x.test")
    resolver = asking(names)
    leaving, staying = (asyncio.create_task(resolver.mx("x.test")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).records == (Mx(10, "mx.x.test"),)


@pytest.mark.parametrize(
    ("signed", "validates", "is_secure"),
    [(True, True, True), (True, False, False), (False, True, False), (True, None, False)],
)
async def test_the_ad_bit_counts_where_the_resolver_is_believed(
    names: Names, signed: bool, validates: bool | None, is_secure: bool
) -> None:
    """127.0.53.53, where the test's server listens, is believed only where a setting says so."""
    names.add("x.test MX 10 mx.x.test")
    names.signed.update({"x.test", "nowhere.test"} if signed else ())
    resolver = asking(names, validates=validates)
    assert (await resolver.mx("x.test")).is_secure == is_secure
    assert (await resolver.mx("nowhere.test")).is_secure == is_secure


def test_what_was_not_used_for_longest_goes_first_where_there_is_no_room() -> None:
    cache: Cache[int] = Cache(2, Clock())
    for key in ("a", "b"):
        cache.put(key, 1, 60)
    assert cache.get("a") == 1
    cache.put("c", 1, 60)
    assert [cache.get(key) for key in ("a", "b", "c")] == [1, None, 1]
