"""1,000 sessions that are logged in and silent: their memory, and what active ones feel of them."""

import argparse
import asyncio

from bench.server import BenchServer, bench_server
from bench.speaking import Client, allow_many_connections, make_mail, percentile

_ACTIVE_SESSIONS = 10
_MAILS_EACH = 150


async def measure(server: BenchServer, count: int, *, tls: bool) -> None:
    await _p99_ms(server)  # not counted: everything is warm then
    before_mib, quiet_ms = server.pss_mib("gateway"), await _p99_ms(server)
    idle = []
    for _ in range(count):
        client = await Client.connect(server, tls=tls)
        await client.log_in()
        idle.append(client)
    grown_mib = server.pss_mib("gateway") - before_mib
    crowded_ms = await _p99_ms(server)
    for client in idle:
        client.close()
    kind = "TLS" if tls else "plain text"
    print(
        f"| {count} idle sessions, {kind} | {before_mib:.0f} MiB | {grown_mib:+.1f} MiB "
        f"| {grown_mib * 1024 / count:.1f} KiB | {quiet_ms:.1f} ms | {crowded_ms:.1f} ms |"
    )


async def _p99_ms(server: BenchServer) -> float:
    """Of the final reply, over sessions that send 10 KiB mails one after the other."""
    mail = make_mail(10 * 1024)

    async def send_some() -> list[float]:
        client = await Client.connect(server)
        await client.log_in()
        seconds = [await client.send(mail) for _ in range(_MAILS_EACH)]
        client.close()
        return seconds

    runs = await asyncio.gather(*(send_some() for _ in range(_ACTIVE_SESSIONS)))
    return percentile([seconds for run in runs for seconds in run], 0.99) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    allow_many_connections()
    print("| what | gateway before | more | each | p99 without | p99 with |")
    print("|---|---:|---:|---:|---:|---:|")
    for tls in (False, True):
        with bench_server() as server:
            asyncio.run(measure(server, arguments.count, tls=tls))


if __name__ == "__main__":
    main()
