"""Log-ins in crowds: how long another session's command waits meanwhile.

200 log-ins with one right password, 200 with 200 right ones, 100 with wrong ones.
"""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor

from bench.server import PASSWORD, USER, BenchServer, bench_server
from bench.speaking import Client, allow_many_connections, make_mail, percentile

_WATCHERS = 8
_NOOPS_A_MAIL = 20
_MAKE_SENDERS = f"""
from django.utils import timezone
from senders import services
for number in range(200):
    sender = services.create_sender_address(
        address=f"sender-{{number}}@example.test", mail_type="trigger", now=timezone.now())
    services.set_smtp_password(sender, password="{PASSWORD}")
"""
_Credential = tuple[str, str, str]


def crowds() -> dict[str, list[_Credential]]:
    """What it is to who logs in, with which password, and the reply that is right."""
    several = [f"sender-{number}@example.test" for number in range(200)]
    return {
        "nobody": [],
        "200 with one right password": [(USER, PASSWORD, "235")] * 200,
        "200 with 200 right ones": [(user, PASSWORD, "235") for user in several],
        "100 with wrong ones": [(user, "Wrong2026Wrong", "535") for user in several[:100]],
    }


def log_in_all(server: BenchServer, credentials: list[_Credential]) -> float:
    """All at once, in a process of its own; seconds until the last has its reply."""
    allow_many_connections()
    return asyncio.run(_log_in_all(server, credentials))


async def _log_in_all(server: BenchServer, credentials: list[_Credential]) -> float:
    clients = [await Client.connect(server) for _ in credentials]
    started = time.perf_counter()
    both = zip(clients, credentials, strict=True)
    await asyncio.gather(*(client.log_in(*credential) for client, credential in both))
    return time.perf_counter() - started


async def measure(server: BenchServer, name: str, credentials: list[_Credential]) -> None:
    watchers = [await Client.connect(server) for _ in range(_WATCHERS)]
    for watcher in watchers:
        await watcher.log_in()
    done = asyncio.Event()
    watching = [asyncio.create_task(_watch(watcher, done)) for watcher in watchers]
    await asyncio.sleep(0.5)
    with ProcessPoolExecutor(1) as pool:
        loop = asyncio.get_running_loop()
        seconds = await loop.run_in_executor(pool, log_in_all, server, credentials)
    await asyncio.sleep(0.5)
    done.set()
    runs = await asyncio.gather(*watching)
    noops = [wait for run in runs for wait in run[0]]
    mails = [wait for run in runs for wait in run[1]]
    for watcher in watchers:
        watcher.close()
    cells = [name, f"{seconds:.1f} s", *(_ms(waits, share) for waits in (noops, mails)
             for share in (0.5, 0.99, 1.0))]  # fmt: skip
    print(f"| {' | '.join(cells)} |", flush=True)


def _ms(waits: list[float], share: float) -> str:
    return f"{percentile(waits, share) * 1000:.1f}"


async def _watch(client: Client, done: asyncio.Event) -> tuple[list[float], list[float]]:
    """Waits for NOOPs and for mails."""
    noops, mails, mail = [], [], make_mail(1024)
    while not done.is_set():
        for _ in range(_NOOPS_A_MAIL):
            noops.append(await client.say("NOOP", "250"))
            await asyncio.sleep(0.005)
        mails.append(await client.send(mail))
    return noops, mails


def main() -> None:
    with bench_server() as server:
        server.run_in_django(_MAKE_SENDERS)
        print("| log-ins at once | all answered after | NOOP: median, p99, longest wait (ms) | | "
              "| mail: median, p99, longest (ms) | | |")  # fmt: skip
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        for name, credentials in crowds().items():
            asyncio.run(measure(server, name, credentials))


if __name__ == "__main__":
    main()
