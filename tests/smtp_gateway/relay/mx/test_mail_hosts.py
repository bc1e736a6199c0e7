"""From a domain to the hosts that take its mail, in order (RFC 5321 section 5.1)."""

import random

import pytest

from smtp_gateway.relay.classify import Fault
from smtp_gateway.relay.mx.addresses import Addresses, Families, find_addresses
from smtp_gateway.relay.mx.answers import LookUpFailed
from smtp_gateway.relay.mx.mail_hosts import MailHosts, find_mail_hosts
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.servers import DnsServer
from smtp_gateway.relay.session import Ended
from tests.smtp_gateway.relay.internet.names import Names, Trouble


def asking(names: Names) -> Resolver:
    return Resolver([DnsServer(names.address, names.port)], validates=True)


async def found(names: Names, *, our_name: str = "us.test", seed: int = 1) -> MailHosts:
    chance = random.Random(seed)
    return await find_mail_hosts(asking(names), "x.test", our_name=our_name, chance=chance)


async def refused(names: Names, **changes: str) -> tuple[Fault | None, str]:
    with pytest.raises(Ended) as raised:
        await found(names, **changes)  # type: ignore[arg-type]
    return raised.value.ending.fault, raised.value.ending.detail


async def test_lower_preference_numbers_come_first(names: Names) -> None:
    names.add("x.test MX 20 b.test", "x.test MX 10 a.test", "x.test MX 30 c.test")
    assert (await found(names)).names == ("a.test", "b.test", "c.test")


async def test_equal_preferences_share_the_load(names: Names) -> None:
    names.add(*(f"x.test MX 10 {name}.test" for name in "abc"), "x.test MX 20 z.test")
    orders = {(await found(names, seed=seed)).names for seed in range(20)}
    assert len(orders) > 3
    assert {order[-1] for order in orders} == {"z.test"}


async def test_a_host_that_stands_there_twice_is_tried_once(names: Names) -> None:
    names.add("x.test MX 10 a.test", "x.test MX 20 A.test")
    assert (await found(names)).names == ("a.test",)


async def test_a_domain_without_mx_stands_for_itself(names: Names) -> None:
    names.add("x.test A 192.0.2.1")
    hosts = await found(names)
    assert (hosts.names, hosts.is_implicit) == (("x.test",), True)


async def test_an_aliased_domain_has_the_mx_of_what_it_stands_for(names: Names) -> None:
    names.add("x.test CNAME y.test", "y.test MX 10 mx.y.test")
    hosts = await found(names)
    assert (hosts.names, hosts.domain_names) == (("mx.y.test",), ("x.test", "y.test"))


async def test_a_null_mx_takes_no_mail(names: Names) -> None:
    names.add("x.test MX 0 .")
    assert await refused(names) == (
        Fault.NULL_MX,
        "x.test takes no mail: its null MX record says so (5.1.10)",
    )


async def test_a_null_mx_among_others_is_left_aside(names: Names) -> None:
    names.add("x.test MX 0 .", "x.test MX 10 a.test")
    assert (await found(names)).names == ("a.test",)


async def test_a_domain_that_does_not_exist_is_told_as_such(names: Names) -> None:
    assert await refused(names) == (Fault.NO_DOMAIN, "There is no domain x.test (5.1.2)")


async def test_a_failed_look_up_is_no_answer(names: Names) -> None:
    names.trouble("x.test", "MX", Trouble.SERVFAIL)
    fault, detail = await refused(names)
    assert fault is Fault.DNS
    assert detail.startswith("The mail servers of x.test cannot be looked up: the DNS servers")


async def test_names_that_no_host_has_are_left_aside(names: Names) -> None:
    names.add("x.test MX 5 not/a/host.test", "x.test MX 10 a.test")
    assert (await found(names)).names == ("a.test",)
    names.remove("x.test", "MX")
    names.add("x.test MX 5 not/a/host.test")
    assert (await refused(names))[0] is Fault.DNS


async def test_we_and_whoever_would_hand_the_mail_to_us_are_left_out(names: Names) -> None:
    names.add(*(f"x.test MX {number} {name}.test" for number, name in ((5, "a"), (20, "c"))))
    names.add("x.test MX 10 US.test", "x.test MX 10 b.test")
    assert (await found(names)).names == ("a.test",)


async def test_a_domain_that_leads_to_us_alone_would_loop(names: Names) -> None:
    names.add("x.test MX 10 us.test", "x.test MX 20 b.test")
    assert await refused(names) == (
        Fault.DNS,
        "The MX records of x.test lead back to this server (us.test); mail would loop",
    )


async def test_the_choice_is_secure_where_dnssec_says_so(names: Names) -> None:
    names.add("x.test MX 10 a.test")
    assert not (await found(names)).is_secure
    names.signed.add("x.test")
    assert (await found(names)).is_secure


async def test_a_host_has_addresses_of_both_families(names: Names) -> None:
    names.add("a.test A 192.0.2.1", "a.test AAAA 2001:db8::1", "b.test CNAME a.test")
    assert await find_addresses(asking(names), "b.test") == Addresses(
        ("2001:db8::1",), ("192.0.2.1",), canonical_name="a.test"
    )


async def test_addresses_of_one_family_do_where_the_other_fails(names: Names) -> None:
    names.add("a.test A 192.0.2.1")
    names.trouble("a.test", "AAAA", Trouble.SERVFAIL)
    assert (await find_addresses(asking(names), "a.test")).ipv4 == ("192.0.2.1",)


@pytest.mark.parametrize("kind", ["A", "AAAA"])
async def test_no_address_is_certain_only_where_both_families_answer(
    names: Names, kind: str
) -> None:
    assert (await find_addresses(asking(names), "a.test")).ipv4 == ()
    names.trouble("a.test", kind, Trouble.SERVFAIL)
    with pytest.raises(LookUpFailed):
        await find_addresses(asking(names), "a.test")


async def test_addresses_are_secure_where_each_of_them_is(names: Names) -> None:
    names.add("a.test A 192.0.2.1", "b.test CNAME a.test")
    names.signed.add("a.test")
    assert (await find_addresses(asking(names), "a.test")).is_secure
    assert not (await find_addresses(asking(names), "b.test")).is_secure
    names.add("a.test AAAA 2001:db8::1")
    names.unsigned.add(("a.test", "AAAA"))
    assert not (await find_addresses(asking(names), "a.test")).is_secure


def test_ipv6_comes_first_and_the_families_take_turns() -> None:
    both = Addresses(("2001:db8::1", "2001:db8::2"), ("192.0.2.1",))
    assert Families().in_order(both) == ["2001:db8::1", "192.0.2.1", "2001:db8::2"]


def test_ipv4_comes_first_for_a_while_after_it_alone_worked() -> None:
    now = 1000.0
    families = Families(lambda: now)
    both = Addresses(("2001:db8::1",), ("192.0.2.1",))
    families.only_ipv4_worked()
    assert families.in_order(both) == ["192.0.2.1", "2001:db8::1"]
    now += 600
    assert families.in_order(both) == ["2001:db8::1", "192.0.2.1"]


def test_ipv6_comes_first_again_as_soon_as_it_works() -> None:
    families = Families()
    families.only_ipv4_worked()
    families.ipv6_worked()
    assert families.in_order(Addresses(("::1",), ("127.0.0.1",))) == ["::1", "127.0.0.1"]
