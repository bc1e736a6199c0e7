"""Remakes the table of docs/performance.md: DirectMail beside Postfix under the same load.

`make bench` runs this. Options go on to the driver, such as `--rounds 5 --scenario 10k`.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.yardstick import BASE_DIR, Missing, build, lacking_for_postfix

_HEAD = """\
| scenario | Postfix: accepted/s | DirectMail: accepted/s | accepted | end to end \
| CPU per 1,000 mails | p99 of the final reply |
|---|---:|---:|---:|---:|---:|---:|"""

Run = dict[str, Any]


def main(options: Sequence[str]) -> int:
    directory = Path(tempfile.mkdtemp(prefix="dm-bench-"))
    # PostgreSQL's own user has to reach its data.
    directory.chmod(0o755)
    try:
        yardstick = build(directory, needs_tls=True)
    except Missing as missing:
        print(f"The benchmark cannot be run; this is missing:\n{missing}", file=sys.stderr)
        return 1
    if lacking := lacking_for_postfix():
        print("Without Postfix, so without ratios; this is missing:", file=sys.stderr)
        print("\n".join(f"- {thing}" for thing in lacking), file=sys.stderr)
        options = [*options, "--server", "directmail"]
    else:
        options = [*options, "--baseline", "postfix"]
    return _compare(yardstick, directory, options)


def _compare(yardstick: Path, directory: Path, options: Sequence[str]) -> int:
    raw = directory / "runs.jsonl"
    driver = [yardstick / "compare.py", BASE_DIR / "bench" / "compare.toml"]
    places = ["--raw", raw, "--workdir", directory / "work"]
    done = subprocess.run(
        [sys.executable, *map(str, (*driver, *places)), *options],
        cwd=BASE_DIR,
        env={**os.environ, "YARDSTICK": str(yardstick), "BENCH_DIR": str(directory)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout)
    if raw.exists():
        runs = [json.loads(line) for line in raw.read_text().splitlines()]
        table = "\n".join([_HEAD, *rows(runs)])
        (directory / "table.md").write_text(f"{table}\n")
        print(table)
    print(f"\nLogs, single runs and the table are in {directory}", file=sys.stderr)
    return done.returncode


def rows(runs: Sequence[Run]) -> list[str]:
    names = list(dict.fromkeys(run["scenario"] for run in runs))
    return [row for name in names for row in (_row(name, runs), *_signed(name, runs))]


def _signed(scenario: str, runs: Sequence[Run]) -> list[str]:
    """What signing makes of a scenario, beside DirectMail without it."""
    signed, plain = (
        [run for run in runs if run["scenario"] == scenario and run["server"] == server]
        for server in ("directmail-dkim", "directmail")
    )
    if not signed:
        return []
    ratios = (_ratio(signed, plain, key) for key in ("accept_rate", "delivered_rate", "cpu_per_1k"))
    cells = [
        f"{scenario}, signed with RSA-2048, beside unsigned",
        _median(plain, "accept_rate", ",.0f"),
        _median(signed, "accept_rate", ",.0f"),
        *ratios,
        f"{_median(signed, 'ack_p99', '.0f')} ms ({_median(plain, 'ack_p99', '.0f')})",
    ]
    return [f"| {' | '.join(cells)} |"]


def _row(scenario: str, runs: Sequence[Run]) -> str:
    ours, theirs = (
        [run for run in runs if run["scenario"] == scenario and run["server"] == server]
        for server in ("directmail", "postfix")
    )
    cells = [
        scenario,
        _median(theirs, "accept_rate", ",.0f"),
        _median(ours, "accept_rate", ",.0f"),
        *(_ratio(ours, theirs, key) for key in ("accept_rate", "delivered_rate", "cpu_per_1k")),
        f"{_median(ours, 'ack_p99', '.0f')} ms ({_median(theirs, 'ack_p99', '.0f')})",
    ]
    return f"| {' | '.join(cells)} |"


def _median(runs: Sequence[Run], key: str, form: str) -> str:
    values = [run[key] for run in runs if run.get(key) is not None]
    return format(statistics.median(values), form) if values else "-"


def _ratio(ours: Sequence[Run], theirs: Sequence[Run], key: str) -> str:
    """The median of the rounds' ratios: a slow moment of the machine hits both."""
    pairs = zip(ours, theirs, strict=False)
    ratios = [our[key] / their[key] for our, their in pairs if our.get(key) and their.get(key)]
    return f"{statistics.median(ratios):.2f} \N{MULTIPLICATION SIGN}" if ratios else "-"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
