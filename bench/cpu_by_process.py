"""CPU seconds per 1,000 mails, by kind of process, until the sink has them all."""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

from bench.server import KINDS, PASSWORD, USER, bench_server
from bench.sink import delivered, running_sink
from bench.yardstick import Missing, build

_PORT, _SINK_PORT = 2570, 2610
_DRAIN_SECONDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--size", type=int, default=10240, help="bytes of a mail")
    parser.add_argument("--per-conn", type=int, default=100, help="mails of one connection")
    arguments = parser.parse_args()
    try:
        tools = build(Path(tempfile.mkdtemp(prefix="dm-bench-")), needs_tls=False) / "build"
    except Missing as missing:
        raise SystemExit(f"This is missing:\n{missing}") from None
    with running_sink(tools, _SINK_PORT):
        measure(tools, arguments)


def measure(tools: Path, arguments: argparse.Namespace) -> None:
    load = [
        *(str(tools / "smtpload"), "--port", str(_PORT), "--user", USER, "--pass", PASSWORD),
        *("--from", USER, "--concurrency", "20", "--per-conn", str(arguments.per_conn)),
        *("--size", str(arguments.size)),
    ]
    with bench_server(_PORT, _SINK_PORT) as server:
        _run([*load, "--messages", "100"], 100)  # not counted: everything is warm then
        before = {kind: server.cpu_seconds(kind) for kind in KINDS}
        acked = _run([*load, "--messages", str(arguments.messages)], 100 + arguments.messages)
        used = {kind: server.cpu_seconds(kind) - before[kind] for kind in KINDS}
    print(f"{acked} mails of {arguments.size} bytes, {arguments.per_conn} a connection\n")
    print("| process | CPU seconds per 1,000 mails |\n|---|---:|")
    for kind, seconds in {**used, "all": sum(used.values())}.items():
        print(f"| {kind} | {seconds / acked * 1000:.3f} |")


def _run(command: list[str], arrived: int) -> int:
    """Mails that were accepted; returns when so many have come to the sink altogether."""
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    deadline = time.monotonic() + _DRAIN_SECONDS
    while delivered(_SINK_PORT) < arrived and time.monotonic() < deadline:
        time.sleep(0.1)
    acked: int = json.loads(done.stdout)["acked"]
    return acked


if __name__ == "__main__":
    main()
