"""10 uploads of 15 MiB at once: the most memory that the gateway takes for them."""

import argparse
import asyncio
import time

from bench.server import MIB, BenchServer, bench_server
from bench.speaking import Client, make_mail

_ALMOST_15_MIB = 15 * MIB - 4096
_KINDS = ("gateway", "relay", "postgres")


async def measure(server: BenchServer, count: int) -> None:
    mail = make_mail(_ALMOST_15_MIB)
    before = {kind: server.pss_mib(kind) for kind in _KINDS}
    sampling = asyncio.create_task(_peaks(server))
    started = time.monotonic()
    await asyncio.gather(*(_upload(server, mail) for _ in range(count)))
    seconds = time.monotonic() - started
    sampling.cancel()
    peaks = (await asyncio.gather(sampling))[0]
    print(f"{count} uploads of 15 MiB at once, accepted after {seconds:.1f} s\n")
    print("| process | before | peak | more |\n|---|---:|---:|---:|")
    for kind in _KINDS:
        more = peaks[kind] - before[kind]
        print(f"| {kind} | {before[kind]:.0f} MiB | {peaks[kind]:.0f} MiB | {more:+.0f} MiB |")


async def _upload(server: BenchServer, mail: bytes) -> None:
    client = await Client.connect(server, tls=True)
    await client.log_in()
    await client.send(mail)
    client.close()


async def _peaks(server: BenchServer) -> dict[str, float]:
    """The most that each kind had, looked at until this is cancelled."""
    peaks = dict.fromkeys(_KINDS, 0.0)
    try:
        while True:
            for kind in _KINDS:
                pss_mib = await asyncio.to_thread(server.pss_mib, kind)
                peaks[kind] = max(peaks[kind], pss_mib)
            await asyncio.sleep(0.02)
    except asyncio.CancelledError:
        return peaks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10)
    arguments = parser.parse_args()
    with bench_server() as server:
        asyncio.run(measure(server, arguments.count))


if __name__ == "__main__":
    main()
