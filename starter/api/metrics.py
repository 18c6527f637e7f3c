"""Metrics of requests: their rate, errors and duration, by route and system."""

from temporalio.common import MetricMeter

from complaints.metrics import catalogue

NO_STATUS = "none"
"""The status of a request whose caller hung up before the answer."""
LIMITS = ("rate", "at_once", "service")
"""A system's requests a second, its requests at the same time, and those of all systems."""


class RequestMetrics:
    """Count and time requests. The labels hold nothing that a caller chose."""

    def __init__(self, meter: MetricMeter) -> None:
        self._requests = catalogue.INTAKE_REQUESTS.counter(meter)
        self._seconds = catalogue.INTAKE_REQUEST_SECONDS.histogram(meter)
        self._refused = catalogue.INTAKE_REFUSED_BY_LIMIT.counter(meter)
        for limit in LIMITS:
            self._refused.add(0, {"limit": limit})

    def answered(self, *, method: str, route: str, status: int | None, system: str, seconds: float) -> None:
        request = {"method": method, "route": route}
        code = str(status) if status else NO_STATUS
        self._requests.add(1, {**request, "status": code, "system": system})
        self._seconds.record(seconds, {**request, "class": f"{code[0]}xx" if status else NO_STATUS})

    def refused_by(self, limit: str) -> None:
        """Count a request that a limit refused; one of `LIMITS`."""
        self._refused.add(1, {"limit": limit})
