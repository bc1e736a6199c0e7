"""Fetching a policy file: verified HTTPS, no redirects, and bounds (RFC 8461 section 3.3)."""

import pytest

from smtp_gateway.relay.mx.sts_fetch import FetchFailed, PolicyFetcher
from smtp_gateway.relay.mx.sts_policy import Policy
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.internet.names import Trouble

HOST = "mta-sts.x.test"
FILE = "version: STSv1\nmode: enforce\nmx: mx.x.test\nmax_age: 60\n"
POLICY = Policy("1", "enforce", ("mx.x.test",), 60)


@pytest.fixture
async def published(internet: Internet) -> Internet:
    """x.test has a policy."""
    await internet.policy("x.test", "mx.x.test", max_age=60)
    return internet


async def fetched(internet: Internet, **changes: object) -> Policy:
    return await internet.fetcher(internet.resolver(), **changes).fetch("x.test", "1")


async def failing(internet: Internet, **changes: object) -> str:
    with pytest.raises(FetchFailed) as raised:
        await fetched(internet, **changes)
    return str(raised.value)


async def test_a_policy_is_fetched_from_its_well_known_place(published: Internet) -> None:
    assert await fetched(published) == POLICY
    (request,) = published.web.requests
    assert request.startswith("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.x.test")


async def test_parameters_of_the_type_do_not_matter(published: Internet) -> None:
    published.web.publish(HOST, FILE, Content_Type="text/plain; charset=utf-8")
    assert await fetched(published) == POLICY


async def test_an_answer_may_come_in_chunks(published: Internet) -> None:
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    middle = len(FILE) // 2
    chunks = "".join(f"{len(part):x};x=y\r\n{part}\r\n" for part in (FILE[:middle], FILE[middle:]))
    published.web.pages[HOST] = f"{head}{chunks}0\r\n\r\n".encode()
    assert await fetched(published) == POLICY


async def test_an_answer_may_last_until_the_connection_ends(published: Internet) -> None:
    head = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    published.web.pages[HOST] = (head + FILE).encode()
    assert await fetched(published) == POLICY


async def test_a_redirect_is_not_followed(published: Internet) -> None:
    there = f"https://{HOST}:{published.web.port}/elsewhere"
    answer = f"HTTP/1.1 301 Moved\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n"
    published.web.pages[HOST] = answer.encode()
    assert await failing(published) == "the web server answered 301"
    assert len(published.web.requests) == 1


async def test_a_missing_file_is_a_failure(published: Internet) -> None:
    published.web.pages.clear()
    assert await failing(published) == "the web server answered 404"


@pytest.mark.parametrize("media_type", ["text/html", "application/json", "multipart/mixed"])
async def test_anything_but_plain_text_is_refused(published: Internet, media_type: str) -> None:
    published.web.publish(HOST, FILE, Content_Type=media_type)
    assert await failing(published) == f"its type is {media_type}, and not text/plain"


async def test_a_type_that_is_not_given_is_not_text(published: Internet) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(FILE)}\r\n\r\n"
    published.web.pages[HOST] = (head + FILE).encode()
    assert await failing(published) == "its type is not given, and not text/plain"


@pytest.mark.parametrize("framing", ["length", "chunks", "end"])
async def test_more_than_64_kib_are_not_read(published: Internet, framing: str) -> None:
    body = FILE.encode() + b"x: y\n" * 13_200
    assert len(body) > 64 * 1024
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    published.web.pages[HOST] = {
        "length": b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body),
        "chunks": b"%bTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
        % (head, len(body), body),
        "end": b"%b\r\n%b" % (head, body),
    }[framing]
    assert await failing(published) == "it is larger than 64 KiB"


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"220 smtp.test ESMTP\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 9_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: -1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: gzip\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n\xff\xff",
    ],
    ids=[
        "nothing", "no HTTP", "no status", "half a header", "a huge header", "a bad length",
        "half a body", "bad chunks", "a transfer coding", "a content coding", "no text",
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_a_failure(published: Internet, answer: bytes) -> None:
    published.web.pages[HOST] = answer
    assert await failing(published)


async def test_a_whole_fetch_has_its_time(published: Internet) -> None:
    published.web.is_silent = True
    assert await failing(published, seconds=0.2) == "no whole answer within 0.2 seconds"


async def test_the_certificate_must_be_for_the_policy_host(published: Internet) -> None:
    published.names.add(
        f"mta-sts.y.test A {published.web.address}", '_mta-sts.y.test TXT "v=STSv1; id=1;"'
    )
    fetcher = published.fetcher(published.resolver())
    with pytest.raises(FetchFailed, match=r"not trusted .Hostname mismatch"):
        await fetcher.fetch("y.test", "1")
    assert published.web.requests == []


async def test_the_certificate_must_come_from_a_trusted_authority(published: Internet) -> None:
    fetcher = PolicyFetcher(published.resolver(), port=published.web.port)
    with pytest.raises(FetchFailed, match="certificate is not trusted"):
        await fetcher.fetch("x.test", "1")
    assert published.web.requests == []


async def test_an_expired_certificate_is_refused(published: Internet) -> None:
    published.authority.leaf(HOST, expired=True).load_into(published.web.tls)
    assert "certificate has expired" in await failing(published)


async def test_a_policy_host_without_address_is_a_failure(published: Internet) -> None:
    published.names.remove(HOST, "A")
    assert await failing(published) == "mta-sts.x.test has no address"


async def test_a_policy_host_that_cannot_be_looked_up_is_a_failure(published: Internet) -> None:
    for kind in ("A", "AAAA"):
        published.names.trouble(HOST, kind, Trouble.SERVFAIL)
    assert "SERVFAIL" in await failing(published)


async def test_the_next_address_is_tried_where_one_does_not_answer(published: Internet) -> None:
    published.names.remove(HOST, "A")
    published.names.add(f"{HOST} A 127.0.44.99", f"{HOST} A {published.web.address}")
    assert await fetched(published) == POLICY


async def test_on_the_real_port_no_policy_is_fetched_from_this_machine(
    published: Internet,
) -> None:
    fetcher = PolicyFetcher(published.resolver(), ca_file=published.ca_file)
    with pytest.raises(FetchFailed, match="has no address"):
        await fetcher.fetch("x.test", "1")
