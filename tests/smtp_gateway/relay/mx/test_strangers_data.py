"""Whatever strangers' DNS, web servers and certificates hold, it is read or refused in words."""

import asyncio
from contextlib import suppress

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as some

from smtp_gateway.relay.mx.answers import Tlsa
from smtp_gateway.relay.mx.dane import chain_fault, is_usable
from smtp_gateway.relay.mx.domain import InvalidDomain, is_host_name, read_domain
from smtp_gateway.relay.mx.http_answer import BadAnswer, read_answer
from smtp_gateway.relay.mx.servers import InvalidDnsServer, parse_dns_server
from smtp_gateway.relay.mx.sts_policy import InvalidPolicy, parse_policy, read_policy_id
from tests.smtp_gateway.relay.internet.authority import Authority

always_the_same = settings(derandomize=True, deadline=None, max_examples=300)
FIELDS = ["version: STSv1", "mode: enforce", "mode: none", "mx: *.x.test", "max_age: 9", "", ":"]
LEAF = Authority("An authority").leaf("mx.test").chain_der[0]


@always_the_same
@given(some.text(max_size=80) | some.from_regex(r"\[[Ii]?[Pp]?[Vv]?6?:?[0-9a-f.:%]*\]"))
def test_a_domain_is_a_host_name_an_address_or_refused(text: str) -> None:
    with suppress(InvalidDomain):
        domain = read_domain(text)
        assert domain.address or is_host_name(domain.name)


@always_the_same
@given(some.text(max_size=40) | some.from_regex(r"\[?[0-9a-f.:]+\]?(:[0-9]*)?"))
def test_a_dns_server_is_an_address_with_a_port_or_refused(text: str) -> None:
    with suppress(InvalidDnsServer):
        assert 0 < parse_dns_server(text).port < 65536


@always_the_same
@given(some.lists(some.sampled_from(FIELDS) | some.text(max_size=20), max_size=8).map("\n".join))
def test_a_policy_file_is_a_policy_or_refused(text: str) -> None:
    with suppress(InvalidPolicy):
        policy = parse_policy(text, policy_id="1")
        assert policy.mx_patterns or not policy.is_enforced
        policy.names("mx.x.test")


@always_the_same
@given(some.lists(some.text(max_size=30).map("v=STSv1;{}".format), max_size=2))
def test_a_policy_id_is_short_and_plain_or_empty(records: list[str]) -> None:
    policy_id = read_policy_id(records)
    assert len(policy_id) <= 32
    assert policy_id.isascii()
    assert not policy_id or policy_id.isalnum()


@always_the_same
@given(
    some.binary(max_size=200),
    some.sampled_from([b"Content-Length: ", b"Transfer-Encoding: chunked", b"x"]),
    some.booleans(),
)
def test_a_web_servers_answer_is_within_bounds_or_refused(
    data: bytes, field: bytes, is_framed: bool
) -> None:
    async def answer() -> bytes:
        reader = asyncio.StreamReader(limit=4096)
        head = b"HTTP/1.1 200 OK\r\n" + field if is_framed else b""
        reader.feed_data(head + data)
        reader.feed_eof()
        return (await read_answer(reader, max_bytes=64)).body

    with suppress(BadAnswer, asyncio.IncompleteReadError):
        assert len(asyncio.run(answer())) <= 64


@always_the_same
@given(
    some.lists(some.binary(max_size=40) | some.just(LEAF), max_size=3),
    some.builds(
        Tlsa, some.sampled_from([2, 3]), some.integers(0, 1), some.integers(0, 2),
        some.binary(max_size=80) | some.binary(min_size=32, max_size=32),
    ),
    some.text(max_size=20),
)  # fmt: skip
def test_no_certificates_are_taken_for_those_of_a_record_by_chance(
    chain: list[bytes], record: Tlsa, name: str
) -> None:
    if is_usable(record) and record.data not in chain:
        assert chain_fault(chain, records=[record], names=[name], now=timezone.now())
