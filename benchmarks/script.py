"""Measure the processor time of the script, and of an interpreter that does nothing."""

from collections.abc import Mapping, Sequence
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from types import MappingProxyType

from benchmarks.servers import Project

COMMANDS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "--help": ("admin", "--help"),
        "list": ("admin", "list"),
        "show": ("admin", "show", "FIRST"),
    }
)
NOTHING = ("__future__",)
TIMES = 5


def processor_seconds(made: Project, arguments: Sequence[str]) -> float:
    """Return the processor time of `python -m …`: the median of five runs."""
    return median(_once(made, arguments) for _ in range(TIMES))


def _once(made: Project, arguments: Sequence[str]) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    made.run(*arguments)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
