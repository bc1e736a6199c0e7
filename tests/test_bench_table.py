"""The table that `make bench` prints: medians, and ratios round by round."""

from bench.compare import rows


def _run(server: str, rate: float, cpu: float, p99: float) -> dict[str, object]:
    return {
        "scenario": "10k", "server": server, "accept_rate": rate, "delivered_rate": rate,
        "cpu_per_1k": cpu, "ack_p99": p99,
    }  # fmt: skip


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    runs = [
        *(_run("postfix", 100, 2.0, 20), _run("directmail", 300, 1.0, 10)),
        *(_run("postfix", 50, 4.0, 40), _run("directmail", 100, 1.0, 10)),
        *(_run("postfix", 400, 2.0, 20), _run("directmail", 2_000, 0.5, 12)),
    ]
    assert rows(runs) == [
        "| 10k | 100 | 300 | 3.00 \N{MULTIPLICATION SIGN} | 3.00 \N{MULTIPLICATION SIGN} "
        "| 0.25 \N{MULTIPLICATION SIGN} | 10 ms (20) |"
    ]


def test_without_postfix_there_are_no_ratios() -> None:
    assert rows([_run("directmail", 1_300, 1.0, 10)]) == [
        "| 10k | - | 1,300 | - | - | - | 10 ms (-) |"
    ]
