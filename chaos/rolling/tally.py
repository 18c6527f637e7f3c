"""Count what callers see: the status of each answer, and connections without one."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

REFUSED, CUT, TIMED_OUT = "connection refused", "connection cut", "no answer in time"
UNAVAILABLE, WITHOUT_RETRY_AFTER = "503", "without Retry-After"
CALM, RESTARTED, KILLED = "nothing is restarted", "restarted", "killed"
"""Phases; the last two after the name of what is."""


@dataclass
class Tally:
    """Requests of one kind of caller in one phase; a request that is sent again counts again."""

    seen: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    """Seconds, of one request."""
    longest: float = 0.0
    """Seconds, from the first request until an answer that ends it."""

    @property
    def failures(self) -> Counter[str]:
        """What no caller may see while nothing is killed.

        A 503 with Retry-After is none: on a busy machine Temporal or a worker may answer too late.
        """
        return Counter({what: times for what, times in self.seen.items() if not _may_be_seen(what)})

    def __str__(self) -> str:
        parts = ", ".join(f"{times:,} x {what}" for what, times in sorted(self.seen.items()))
        return (
            f"{self.seen.total():,} requests: {parts}; slowest answer {self.slowest:.1f} s,"
            f" longest with its repeats {self.longest:.1f} s"
        )


def _may_be_seen(what: str) -> bool:
    return what.startswith(("2", "4", UNAVAILABLE)) and WITHOUT_RETRY_AFTER not in what


class Tallies:
    """Tallies by phase and kind of caller."""

    def __init__(self) -> None:
        self.phase = CALM
        """The current one. A request counts where it ends."""
        self.by_phase: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))

    def note(self, kind: str, what: str, seconds: float) -> None:
        tally = self.by_phase[self.phase][kind]
        tally.seen[what] += 1
        tally.slowest = max(tally.slowest, seconds)

    def note_end(self, kind: str, seconds: float) -> None:
        """Note how long it took with all repeats."""
        tally = self.by_phase[self.phase][kind]
        tally.longest = max(tally.longest, seconds)

    def list_failures(self) -> list[str]:
        """List what callers saw and may not see while nothing is killed."""
        return [
            f"{kind} saw, while {phase}: {times} x {what}"
            for phase, kinds in self.by_phase.items()
            for kind, tally in kinds.items()
            for what, times in tally.failures.items()
            if not phase.endswith(KILLED)
        ]
