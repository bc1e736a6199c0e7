"""Adds up what workers counted; those that ended stay in the sums. Pure."""

from collections.abc import Iterable, Mapping

from smtp_gateway.submission.metrics import Snapshot

_Labelled = Mapping[str, Mapping[str, float]]


def nothing() -> Snapshot:
    return {"counters": {}, "gauges": {}, "histograms": {}}


def what_stays(ended: Snapshot) -> Snapshot:
    """Of a worker that ended: its sessions and their memory are gone, what it counted is not."""
    return {**ended, "gauges": {}}


def add_up(snapshots: Iterable[Snapshot]) -> Snapshot:
    """One snapshot of all."""
    total = nothing()
    for each in snapshots:
        total = {
            "counters": _sum_labelled(total["counters"], each["counters"]),
            "gauges": _sum_labelled(total["gauges"], each["gauges"]),
            "histograms": _sum_histograms(total["histograms"], each["histograms"]),
        }
    return total


def _sum_labelled(one: _Labelled, other: _Labelled) -> dict[str, dict[str, float]]:
    return {name: _sum(one.get(name, {}), other.get(name, {})) for name in {**one, **other}}


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {label: one.get(label, 0) + other.get(label, 0) for label in {**one, **other}}


def _sum_histograms(
    one: Mapping[str, list[float]], other: Mapping[str, list[float]]
) -> dict[str, list[float]]:
    both = {**one, **other}
    return {
        name: [a + b for a, b in zip(one[name], other[name], strict=True)]
        if name in one and name in other
        else numbers
        for name, numbers in both.items()
    }
