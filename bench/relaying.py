"""The relay: how fast a backlog leaves, and how long a single trigger mail takes beside one."""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.server import USER, BenchServer, bench_server
from bench.sink import delivered, halted_relay, running_sink
from bench.speaking import Client, make_mail, percentile
from bench.yardstick import Missing, build

_PORT, _SINK_PORT = 2570, 2610
_LONGEST_SECONDS = 300
_LATENCIES = """
import json
from smtp_gateway.models import Attempt
rows = Attempt.objects.filter(
    outcome="relayed", delivery__message__size_bytes__gt={size}, delivery__lane="trigger"
).order_by("delivery__message_id").values_list("at", "delivery__message__accepted_at")
print("SECONDS", json.dumps([(at - accepted).total_seconds() for at, accepted in rows]))
"""
_SIZE = 20_000
"""What tells the single mails from the backlog's, which are smaller."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=50_000)
    parser.add_argument("--batch", type=int, default=100_000)
    parser.add_argument("--singles", type=int, default=200)
    arguments = parser.parse_args()
    try:
        tools = build(Path(tempfile.mkdtemp(prefix="dm-bench-")), needs_tls=False) / "build"
    except Missing as missing:
        raise SystemExit(f"This is missing:\n{missing}") from None
    print("| what | measured |\n|---|---:|")
    with running_sink(tools, _SINK_PORT), bench_server(_PORT, _SINK_PORT) as server:
        for lane in ("trigger", "batch"):
            _drain(server, arguments.backlog, lane)
        _row("single trigger mail, idle", _singles(server, arguments.singles))
        beside = _beside(server, arguments.batch, arguments.singles)
        _row(f"single trigger mail beside {arguments.batch} batch mails", beside)
        _await_sink(_sent(arguments))
        server.run_in_django(f"from bench.signing import sign_with_rsa\nsign_with_rsa({USER!r})")
        for lane in ("trigger", "batch"):
            _drain(server, arguments.backlog, lane, "signed with RSA-2048, ")


def _sent(arguments: argparse.Namespace) -> int:
    """All that was submitted until then."""
    return int(2 * arguments.backlog + arguments.batch + 2 * arguments.singles)


def _drain(server: BenchServer, number: int, lane: str, how: str = "") -> None:
    before = delivered(_SINK_PORT)
    cpu = server.cpu_seconds("relay"), server.cpu_seconds("postgres")
    with halted_relay(server):
        _fill(server, number, lane)
        begun = time.monotonic()
    _await_sink(before + number)
    seconds = time.monotonic() - begun
    relay = (server.cpu_seconds("relay") - cpu[0]) / number * 1000
    what = f"backlog of {number} {lane} mails of 1 KiB, {how}one relay"
    print(f"| {what} | {number / seconds:,.0f} mails/s |")
    print(f"| relay's CPU seconds per 1,000 of them | {relay:.3f} |")


def _beside(server: BenchServer, batch: int, singles: int) -> Sequence[float]:
    with halted_relay(server):
        _fill(server, batch, "batch")
    return _singles(server, singles)


def _singles(server: BenchServer, number: int) -> Sequence[float]:
    """Seconds from acceptance to the next hop's 250, of one mail after another."""
    known = len(_latencies(server))
    asyncio.run(_submit(server, number))
    deadline = time.monotonic() + 30
    while len(seconds := _latencies(server)[known:]) < number and time.monotonic() < deadline:
        time.sleep(1)
    return seconds


async def _submit(server: BenchServer, number: int) -> None:
    client = await Client.connect(server)
    await client.log_in()
    mail = make_mail(_SIZE)
    for _ in range(number):
        await client.send(mail)
        await asyncio.sleep(0.05)
    client.close()


def _latencies(server: BenchServer) -> Sequence[float]:
    said = server.ask_django(_LATENCIES.format(size=_SIZE - 1))
    seconds: list[float] = json.loads(said.split("SECONDS")[1])
    return seconds


def _fill(server: BenchServer, number: int, lane: str) -> None:
    server.run_in_django(
        "from bench.filling import fill\n"
        f"fill({number}, lane={lane!r}, size_bytes=1024, sender={USER!r})"
    )


def _await_sink(number: int) -> None:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while delivered(_SINK_PORT) < number:
        if time.monotonic() > deadline:
            raise SystemExit(f"Only {delivered(_SINK_PORT)} of {number} mails arrived.")
        time.sleep(0.05)


def _row(what: str, seconds: Sequence[float]) -> None:
    median, p99 = (percentile(seconds, part) * 1000 for part in (0.5, 0.99))
    worst = max(seconds) * 1000
    print(
        f"| {what}, accepted until the next hop's 250 "
        f"| median {median:.0f}, p99 {p99:.0f}, most {worst:.0f} ms |"
    )


if __name__ == "__main__":
    main()
