"""A metric as data, and its instrument on the endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from temporalio.common import MetricCounter, MetricGaugeFloat, MetricHistogramFloat, MetricMeter

Labels = Mapping[str, str]


class Kind(StrEnum):
    """The type of a metric, as Prometheus names it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Process(StrEnum):
    """A process with an endpoint for Prometheus."""

    WORKER = "worker"
    INTAKE = "intake"


BOTH = (Process.WORKER, Process.INTAKE)


@dataclass(frozen=True)
class Metric:
    """One metric. `name` is that of Prometheus, so a counter's ends with `_total`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    served_by: tuple[Process, ...] = (Process.WORKER,)
    buckets: tuple[float, ...] = ()
    """Upper limits of a histogram's buckets, in seconds."""

    @property
    def series(self) -> tuple[str, ...]:
        """The names of its time series; those of a histogram have `_bucket`, `_sum` and `_count`."""
        if self.kind is Kind.HISTOGRAM:
            return tuple(f"{self.name}_{suffix}" for suffix in ("bucket", "sum", "count"))
        return (self.name,)

    def counter(self, meter: MetricMeter) -> MetricCounter:
        """Make the counter. The endpoint adds `_total` to its name."""
        return meter.create_counter(self.name.removesuffix("_total"), self.help)

    def gauge(self, meter: MetricMeter) -> MetricGaugeFloat:
        """Make the gauge."""
        return meter.create_gauge_float(self.name, self.help)

    def histogram(self, meter: MetricMeter) -> MetricHistogramFloat:
        """Make the histogram. The endpoint takes its buckets from the catalogue."""
        return meter.create_histogram_float(self.name, self.help)
