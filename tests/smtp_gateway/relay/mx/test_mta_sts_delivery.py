"""Delivery to domains with an MTA-STS policy (RFC 8461 sections 4 and 5)."""

import asyncio
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from smtp_gateway.bridge import Bridge
from smtp_gateway.relay.mx.sts_store import DatabasePolicies
from tests.smtp_gateway.relay.internet.authority import Authority
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.mx.opening import opened, refused
from tests.smtp_gateway.relay.running import Queue
from tests.smtp_gateway.relay.sending import until


@pytest.fixture
def store(database: Queue) -> DatabasePolicies:
    return DatabasePolicies(database.bridge)


async def make_host(internet: Internet, **changes: object) -> str:
    """A host for x.test; its address."""
    hop = await internet.host("mx.x.test", **{"starttls": True, **changes})  # type: ignore[arg-type]
    internet.domain("x.test", "mx.x.test")
    return hop.host


async def test_a_named_host_with_a_trusted_certificate_gets_the_mail(
    internet: Internet, store: DatabasePolicies
) -> None:
    await make_host(internet)
    await internet.policy("x.test", "*.x.test")
    session = await opened(internet, store=store)
    assert (session.tls_result, session.tls.split()[0]) == ("mta-sts", "TLSv1.3")


@pytest.mark.parametrize(
    ("whose", "why"),
    [
        ("a stranger's", "self-signed certificate in certificate chain"),
        ("another host's", "Hostname mismatch, certificate is not valid for 'mx.x.test'"),
    ],
)
async def test_any_other_certificate_gets_nothing(
    internet: Internet, store: DatabasePolicies, whose: str, why: str
) -> None:
    leaf = {
        "a stranger's": Authority("A stranger").leaf("mx.x.test"),
        "another host's": internet.authority.leaf("mx.y.test"),
    }[whose]
    address = await make_host(internet, starttls=leaf)
    await internet.policy("x.test", "mx.x.test")
    assert await refused(internet, store=store) == (
        "deferred",
        "next-hop-tls-failed",
        f"No TLS connection to mx.x.test [{address}]: its certificate is not trusted ({why}), and"
        " the MTA-STS policy of x.test requires it.",
    )


async def test_no_plain_text_where_a_policy_is_enforced(
    internet: Internet, store: DatabasePolicies
) -> None:
    address = await make_host(internet, starttls=False)
    await internet.policy("x.test", "mx.x.test")
    assert await refused(internet, store=store) == (
        "deferred",
        "next-hop-tls-failed",
        f"No TLS connection to mx.x.test [{address}]: it offers no STARTTLS, and the MTA-STS"
        " policy of x.test requires it.",
    )
    assert internet.hops[address].connections == 1


async def test_a_host_that_is_not_named_is_not_even_connected_to(
    internet: Internet, store: DatabasePolicies
) -> None:
    address = await make_host(internet)
    await internet.policy("x.test", "mail.x.test")
    assert await refused(internet, store=store) == (
        "deferred",
        "next-hop-tls-failed",
        "No TLS connection to mx.x.test: the MTA-STS policy of x.test does not name it.",
    )
    assert internet.hops[address].connections == 0


async def test_a_named_host_is_used_behind_one_that_is_not(
    internet: Internet, store: DatabasePolicies
) -> None:
    for name in ("mx1.x.test", "mx2.x.test"):
        await internet.host(name, starttls=True)
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    await internet.policy("x.test", "mx2.x.test")
    assert (await opened(internet, store=store)).hop.host == "mx2.x.test"


@pytest.mark.parametrize("mode", ["testing", "none"])
async def test_a_policy_that_is_not_enforced_changes_nothing(
    internet: Internet, store: DatabasePolicies, mode: str
) -> None:
    await make_host(internet, starttls=Authority("A stranger").leaf("mx.x.test"))
    await internet.policy("x.test", "mail.x.test", mode=mode)
    assert (await opened(internet, store=store)).tls_result == "opportunistic"


async def test_a_kept_policy_protects_although_its_host_is_gone(
    internet: Internet, store: DatabasePolicies
) -> None:
    address = await make_host(internet)
    await internet.policy("x.test", "mx.x.test")
    await opened(internet, store=store)
    internet.web.pages.clear()
    internet.names.remove("_mta-sts.x.test", "TXT")
    internet.hops[address].starttls = None
    assert "MTA-STS policy of x.test" in (await refused(internet, store=store))[2]


async def test_dane_goes_before_a_policy(internet: Internet, store: DatabasePolicies) -> None:
    leaf = Authority("A stranger").leaf("whatever.test")
    await make_host(internet, starttls=leaf)
    await internet.policy("x.test", "mail.x.test")
    internet.sign("test")
    internet.name_certificate("mx.x.test")
    assert (await opened(internet, store=store)).tls_result == "dane"


async def test_a_policy_does_not_make_good_for_failing_dane(
    internet: Internet, store: DatabasePolicies
) -> None:
    await make_host(internet)
    await internet.policy("x.test", "mx.x.test")
    internet.sign("test")
    other = Authority("A stranger").certificate
    internet.name_certificate("mx.x.test", certificate=other)
    assert (await refused(internet, store=store))[2].endswith("and DANE for mx.x.test requires it.")


async def test_a_policy_counts_where_tlsa_records_are_not_for_smtp(
    internet: Internet, store: DatabasePolicies
) -> None:
    await make_host(internet)
    await internet.policy("x.test", "mx.x.test")
    internet.sign("test")
    internet.name_certificate("mx.x.test", 1)
    assert (await opened(internet, store=store)).tls_result == "mta-sts"


async def test_with_the_database_away_nobody_guesses_what_the_policy_is(
    internet: Internet, database: Queue
) -> None:
    address = await make_host(internet)
    is_locked, is_enough = threading.Event(), threading.Event()

    def hold_the_table() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE smtp_gateway_mtastspolicy IN ACCESS EXCLUSIVE MODE")
            is_locked.set()
            is_enough.wait(10)

    impatient = Bridge(statement_timeout=timedelta(seconds=0.2))
    holding = asyncio.create_task(database.do(hold_the_table))
    try:
        await until(is_locked.is_set)
        verdict = await refused(internet, store=DatabasePolicies(impatient))
    finally:
        is_enough.set()
        await holding
        impatient.close()
    assert verdict == (
        "deferred",
        "dns-failed",
        "Nobody knows the MTA-STS policy of x.test while the database is away.",
    )
    assert internet.hops[address].connections == 0
