"""Report the runs: a line for each, and at the end a table in Markdown."""

from collections import Counter
from collections.abc import Sequence

from chaos.run import RunOutcome
from complaints.procedure.enums import humanize_code


def print_run(outcome: RunOutcome) -> None:
    verdict = "VIOLATED" if outcome.violations else "ok"
    faults = ", ".join(name for name in outcome.occurrences if not name.startswith(("act ", "edge ")))
    print(
        f"{outcome.seed:16} {verdict:8} {outcome.seconds:5.1f} s, {outcome.complaints} complaints,"
        f" {outcome.acts} acts, slowest answer {outcome.slowest:.1f} s: {faults}",
        flush=True,
    )
    for violation in outcome.violations:
        print(f"    {violation[:2_000]}", flush=True)
    if outcome.logs:
        print(f"    logs and histories: {outcome.logs}", flush=True)


def print_table(outcomes: Sequence[RunOutcome]) -> None:
    times: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    violated: Counter[str] = Counter()
    for outcome in outcomes:
        times += outcome.occurrences
        runs += Counter(outcome.occurrences.keys())
        violated += Counter(outcome.occurrences.keys() if outcome.violations else ())
    print("\n| fault, way of sending or edge | times | runs | runs with a violation |\n|---|---:|---:|---:|")
    for name in sorted(times, key=lambda name: (name.startswith(("act ", "edge ")), name)):
        print(f"| {humanize_code(name)} | {times[name]} | {runs[name]} | {violated[name]} |")
    for outcome in outcomes:
        for name, value in outcome.measurements.items():
            print(f"\n{outcome.seed}: {name}: {value}", end="")
    print(
        f"\n\n{len(outcomes)} runs, {sum(outcome.complaints for outcome in outcomes)} complaints"
        f" ({sum(outcome.continued for outcome in outcomes)} continued as new),"
        f" {sum(outcome.acts for outcome in outcomes)} acts;"
        f" {sum(bool(outcome.violations) for outcome in outcomes)} runs with a violation",
        flush=True,
    )
