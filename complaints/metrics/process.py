"""Metrics of the process itself: its version, memory, files, CPU time and connections."""

import asyncio
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

from temporalio.common import MetricMeter

from complaints.metrics import catalogue
from complaints.runtime.clock import now
from complaints.runtime.pools import open_pools

PRODUCT = "complaints"
REFRESH_SECONDS = 15.0
_SELF = Path("/proc/self")
_STARTED_AT = now()


class ProcessMetrics:
    """`build_id` and `deployment` are empty for an unversioned process."""

    def __init__(self, meter: MetricMeter, *, build_id: str = "", deployment: str = "") -> None:
        self._cpu = catalogue.PROCESS_CPU.counter(meter)
        self._memory = catalogue.PROCESS_MEMORY.gauge(meter)
        self._files = catalogue.PROCESS_FDS.gauge(meter)
        self._connections = catalogue.POOL_CONNECTIONS.gauge(meter)
        self._limit = catalogue.POOL_LIMIT.gauge(meter)
        self._cpu_seconds = 0
        info = {"version": version(PRODUCT), "build_id": build_id, "deployment": deployment}
        catalogue.BUILD_INFO.gauge(meter).set(1, info)
        catalogue.PROCESS_START.gauge(meter).set(_STARTED_AT.timestamp())
        catalogue.PROCESS_MAX_FDS.gauge(meter).set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        self.refresh()

    async def refresh_periodically(self) -> None:
        """Measure the process until cancelled."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            self.refresh()

    def refresh(self) -> None:
        """Measure the process now."""
        used = int(time.process_time())  # a counter takes whole numbers
        self._cpu.add(used - self._cpu_seconds)
        self._cpu_seconds = used
        self._memory.set(_resident_bytes())
        self._files.set(sum(1 for _ in Path("/dev/fd").iterdir()))
        for name, pool in open_pools():
            self._limit.set(pool.size(), {"pool": name})
            self._connections.set(pool.checkedout(), {"pool": name, "state": "in_use"})
            self._connections.set(pool.checkedin(), {"pool": name, "state": "idle"})


def _resident_bytes() -> int:
    """Return the memory in use; without /proc, the most that was ever in use."""
    try:
        pages = int((_SELF / "statm").read_text().split()[1])
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    return pages * resource.getpagesize()
