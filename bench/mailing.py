"""A mailing of one address against its quota, its pace and another address's mail.

Everything is real: SMTP into the gateway, the relay with its slots, a next hop; and in the end the
mail log has to agree with what was sent.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.server import PASSWORD, BenchServer, bench_server
from bench.sink import delivered, running_sink
from bench.speaking import Client, percentile
from bench.yardstick import Missing, build

_PORT, _SINK_PORT = 2670, 2710
_NEWS, _OTHER = "news@example.test", "other@example.test"
_RECIPIENTS_A_MAIL, _BEYOND = 100, 5
_CONNECTIONS, _OTHERS = 4, 60

_PREPARE = f"""
from django.utils import timezone
from senders.models import MailTypePolicy
from senders.services import create_sender_address, set_smtp_password
for address in ({_NEWS!r}, {_OTHER!r}):
    sender = create_sender_address(address=address, mail_type="batch", now=timezone.now())
    set_smtp_password(sender, password={PASSWORD!r})
MailTypePolicy.objects.update_or_create(mail_type="batch", defaults=dict(
    address_per_hour={{quota}}, address_per_day={{quota}}, organisation_per_hour=None,
    organisation_per_day=None, pace_per_minute={{pace}}))
"""
_OUTCOME = f"""
import json
from collections import Counter
from itertools import pairwise
from smtp_gateway.models import Delivery
from smtp_gateway.queue.ledger import count
def of(address):
    rows = Delivery.objects.filter(message__sender_address=address)
    given = sorted(rows.values_list("next_attempt_at", flat=True))
    gaps = [(b - a).total_seconds() for a, b in pairwise(given)]
    minutes = Counter(at.replace(second=0, microsecond=0) for at in given)
    late = [(d - a).total_seconds() for a, d in rows.values_list("next_attempt_at", "finished_at")]
    waits = [(d - a).total_seconds()
             for a, d in rows.values_list("message__accepted_at", "finished_at")]
    return dict(number=len(given), relayed=rows.filter(state="relayed").count(),
                least_gap=min(gaps), most_a_minute=max(minutes.values()), late=max(late),
                waits=sorted(waits), seconds=(given[-1] - given[0]).total_seconds())
ledger = count()
print("SAID", json.dumps(dict(news=of({_NEWS!r}), other=of({_OTHER!r}), faults=ledger.faults,
    accepted=ledger.total.accepted, relayed=ledger.total.relayed)))
"""
_WAITING = """
from smtp_gateway.models import Delivery
print("SAID", Delivery.objects.exclude(state="relayed").count())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=100_000, help="the quota as well")
    parser.add_argument("--pace", type=int, default=60_000, help="recipients a minute")
    arguments = parser.parse_args()
    try:
        tools = build(Path(tempfile.mkdtemp(prefix="dm-bench-")), needs_tls=False) / "build"
    except Missing as missing:
        raise SystemExit(f"This is missing:\n{missing}") from None
    with running_sink(tools, _SINK_PORT), bench_server(_PORT, _SINK_PORT) as server:
        values = {"quota": arguments.recipients, "pace": arguments.pace}
        server.run_in_django(_PREPARE.format(**values))
        refused = asyncio.run(_submit(server, arguments.recipients))
        _await_end(server, 2 * 60 * arguments.recipients / arguments.pace + 300)
        said = server.ask_django(_OUTCOME).split("SAID")[1]
        _report(arguments, refused, json.loads(said), delivered(_SINK_PORT))


async def _submit(server: BenchServer, recipients: int) -> Sequence[str]:
    """All of it over some connections, and beside it the other address's; the refusals."""
    numbers = iter(range(recipients // _RECIPIENTS_A_MAIL + _BEYOND))
    others = asyncio.create_task(_others(server))
    refused = await asyncio.gather(*(_mailing(server, numbers) for _ in range(_CONNECTIONS)))
    await others
    return [reply for each in refused for reply in each]


async def _mailing(server: BenchServer, numbers: Any) -> list[str]:
    client = await Client.connect(server)
    await client.log_in(_NEWS)
    refused: list[str] = []
    for number in numbers:
        names = [f"r{number}-{each}@example.org" for each in range(_RECIPIENTS_A_MAIL)]
        try:
            await _send(client, _NEWS, names)
        except RuntimeError as error:
            refused.append(str(error))
            await client.say("RSET", "250")
    client.close()
    return refused


async def _others(server: BenchServer) -> None:
    client = await Client.connect(server)
    await client.log_in(_OTHER)
    for number in range(_OTHERS):
        await _send(client, _OTHER, [f"other{number}@example.org"])
        await asyncio.sleep(0.2)
    client.close()


async def _send(client: Client, sender: str, recipients: Sequence[str]) -> None:
    await client.say(f"MAIL FROM:<{sender}>", "250")
    for recipient in recipients:
        await client.say(f"RCPT TO:<{recipient}>", "250")
    await client.say("DATA", "354")
    await client.say(f"From: {sender}\r\nSubject: News\r\n\r\n{'x' * 900}\r\n.", "250")


def _await_end(server: BenchServer, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while int(server.ask_django(_WAITING).split("SAID")[1]):
        if time.monotonic() > deadline:
            raise SystemExit("Not everything was relayed in time.")
        time.sleep(5)


def _report(
    arguments: argparse.Namespace, refused: Sequence[str], said: dict[str, Any], arrived: int
) -> None:
    news, other = said["news"], said["other"]
    median, most = percentile(other["waits"], 0.5), other["waits"][-1]
    print(f"""| what | measured |
|---|---:|
| recipients of the mailing: quota, accepted | {arguments.recipients}, {news["number"]} |
| mails refused beyond it | {len(refused)} |
| first refusal | {refused[0] if refused else "none"} |
| pace: asked for, most in a minute of the clock | {arguments.pace}, {news["most_a_minute"]} |
| least time between two slots | {news["least_gap"] * 1000:.3f} ms |
| from the first slot to the last | {news["seconds"]:.1f} s |
| latest behind its slot | {news["late"]:.1f} s |
| the other address beside it, accepted until relayed | median {median:.2f}, most {most:.2f} s |
| accepted, relayed, arrived at the next hop | {said["accepted"]}, {said["relayed"]}, {arrived} |
| faults of the ledger | {said["faults"] or "none"} |""")


if __name__ == "__main__":
    main()
