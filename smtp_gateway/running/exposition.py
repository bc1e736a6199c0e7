"""The gateway's numbers as Prometheus has them: the sums over all workers, dead ones included."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from smtp_gateway.running import totals
from smtp_gateway.running.slot import Slot
from smtp_gateway.submission.metrics import ACCEPT_SECONDS, AUTH_SECONDS, BATCH_MAILS

_PREFIX = "directmail_gateway_"


class _Family(NamedTuple):
    name: str
    help: str
    label: str = ""


_COUNTERS = {
    "sessions": _Family("sessions", "Sessions by how they began.", "tls"),
    "starttls": _Family("starttls", "Sessions that went on under TLS by STARTTLS."),
    "tls_failures": _Family("tls_failures", "TLS handshakes that failed.", "tls"),
    "replies": _Family("replies", "SMTP replies by code.", "code"),
    "log_ins": _Family(
        "log_ins", "Log-ins: verified (hashed), remembered (cache hit) or refused.", "result"
    ),
    "mails": _Family("mails", "Mails accepted."),
    "recipients": _Family("recipients", "Recipients of accepted mails."),
    "mail_bytes": _Family("mail_bytes", "Bytes of accepted mails."),
    "refusals": _Family("refusals", "Refusals by their stable code.", "code"),
    "faults": _Family("faults", "Unexpected faults, each answered with 451."),
}
_GAUGES = {
    "open_sessions": _Family("open_sessions", "Sessions open now, by what they are now.", "tls"),
    "buffered_bytes": _Family("buffered_bytes", "Bytes that sessions hold in memory now."),
}
_HISTOGRAMS = {
    "auth_seconds": (_Family("auth_seconds", "Deciding a log-in."), AUTH_SECONDS),
    "accept_seconds": (_Family("accept_seconds", "End of data to its reply."), ACCEPT_SECONDS),
    "batch_mails": (_Family("batch_mails", "Mails made durable by one commit."), BATCH_MAILS),
}


def exposition(
    slots: Sequence[Slot], expires_at: Callable[[], float], accept: str
) -> tuple[bytes, str]:
    """Body and content type. `expires_at`: of the certificate, seconds since the epoch.

    A registry of its own: the default one's collectors would tell of the supervising process only.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything(slots, expires_at))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Everything(Collector):
    def __init__(self, slots: Sequence[Slot], expires_at: Callable[[], float]) -> None:
        self._slots, self._expires_at = slots, expires_at

    def collect(self) -> Iterable[Metric]:
        yield from self._counted()
        yield from self._about_workers()
        expiry = "When the certificate expires, seconds since the epoch."
        yield _gauge("certificate_expires_at_seconds", expiry, [((), self._expires_at())])

    def _counted(self) -> Iterator[Metric]:
        living = [slot.report["numbers"] for slot in self._slots if slot.report]
        total = totals.add_up([*living, *(slot.ended for slot in self._slots)])
        for key, family in _COUNTERS.items():
            counter = CounterMetricFamily(
                _PREFIX + family.name, family.help, labels=_labels(family)
            )
            for value, number in total["counters"].get(key, {}).items():
                counter.add_metric([value] if family.label else [], number)
            yield counter
        for key, family in _GAUGES.items():
            numbers = total["gauges"].get(key, {})
            samples = [((value,) if family.label else (), n) for value, n in numbers.items()]
            yield _gauge(family.name, family.help, samples, family.label)
        for key, (family, bounds) in _HISTOGRAMS.items():
            if numbers_of := total["histograms"].get(key):
                yield _histogram(family, bounds, numbers_of)

    def _about_workers(self) -> Iterator[Metric]:
        slots = self._slots
        yield _gauge("workers", "Workers that there should be.", [((), len(slots))])
        ready = sum(slot.is_ready for slot in slots)
        yield _gauge("workers_ready", "Workers that answer and accept.", [((), ready)])
        replaced = CounterMetricFamily(
            f"{_PREFIX}workers_replaced", "Workers that died and were replaced."
        )
        replaced.add_metric([], sum(slot.replaced for slot in slots))
        yield replaced
        living = [(slot, slot.report) for slot in slots if slot.report]
        cpu = CounterMetricFamily(f"{_PREFIX}cpu_seconds", "CPU time of all workers.")
        ended = sum(slot.ended_cpu_seconds for slot in slots)
        cpu.add_metric([], ended + sum(report["cpu_seconds"] for _, report in living))
        yield cpu
        resident = [((str(slot.number),), report["resident_bytes"]) for slot, report in living]
        yield _gauge("resident_bytes", "Memory of each worker.", resident, "worker")
        lags = [((str(slot.number),), report["loop_lag_seconds"]) for slot, report in living]
        yield _gauge("loop_lag_seconds", "How late each worker's last report was.", lags, "worker")
        asked = [report["database"] for _, report in living if report["database"] is not None]
        if asked:
            yield _gauge("database_answers", "1: every worker reaches it.", [((), all(asked))])


_Samples = Sequence[tuple[tuple[str, ...], float]]


def _gauge(name: str, help_text: str, samples: _Samples, label: str = "") -> Metric:
    gauge = GaugeMetricFamily(_PREFIX + name, help_text, labels=[label] if label else [])
    for values, number in samples:
        gauge.add_metric(values, float(number))
    return gauge


def _histogram(family: _Family, bounds: Sequence[float], numbers: Sequence[float]) -> Metric:
    *counts, total = numbers
    names = [*(str(float(bound)) for bound in bounds), "+Inf"]
    histogram = HistogramMetricFamily(_PREFIX + family.name, family.help, labels=[])
    histogram.add_metric([], list(zip(names, accumulate(counts), strict=True)), total)
    return histogram


def _labels(family: _Family) -> list[str]:
    return [family.label] if family.label else []
