"""Mail that the relay process delivers itself, by DNS, over a small internet."""

from collections.abc import Sequence
from pathlib import Path

from smtp_gateway.models import Attempt, Delivery, Route
from tests.smtp_gateway.queued import enqueue, states
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.running import Queue, relay_process

Row = tuple[str, str, str, str]


def make_route(**changes: object) -> None:
    Route.objects.create(**{"name": "Direct", "kind": "mx", "position": 1, **changes})


def attempts() -> Sequence[Row]:
    """Recipient, outcome, reason code and TLS result of each."""
    fields = ("delivery__recipient", "outcome", "reason_code", "tls_result")
    return list(Attempt.objects.order_by("delivery__recipient").values_list(*fields))


async def test_each_domain_gets_its_mail_as_its_dns_says(database: Queue, tmp_path: Path) -> None:
    async with Internet().running() as internet:
        internet.sign("dane.test")
        dane = await internet.host("mx.dane.test", starttls=True)
        internet.name_certificate("mx.dane.test")
        plain = await internet.host("mx.plain.test")
        for domain in ("dane.test", "plain.test"):
            internet.domain(domain, f"mx.{domain}")
        internet.names.add("null.test MX 0 .")
        await database.do(make_route, source_ipv4="127.0.7.7")
        recipients = [f"to@{name}.test" for name in ("dane", "plain", "null", "nowhere")]
        queue_id = await database.do(enqueue, *recipients)
        async with relay_process(tmp_path / "log", **internet.settings):
            await database.until(
                lambda: (
                    all(state != "queued" for _, state in states(queue_id))
                    and not Delivery.objects.filter(state="leased").exists()
                ),
                seconds=30,
            )
            assert await database.do(attempts) == [
                ("to@dane.test", "relayed", "", "dane"),
                ("to@nowhere.test", "bounced", "domain-does-not-exist", ""),
                ("to@null.test", "bounced", "domain-takes-no-mail", ""),
                ("to@plain.test", "relayed", "", "none"),
            ]
        reached = await database.do(lambda: Attempt.objects.get(tls_result="dane").next_hop)
        assert reached == f"mx.dane.test [{dane.host}]:{internet.port}"
    assert [mail.recipients for mail in dane.taken + plain.taken] == [
        ("to@dane.test",), ("to@plain.test",),
    ]  # fmt: skip
    assert {*dane.peers, *plain.peers} == {"127.0.7.7"}
