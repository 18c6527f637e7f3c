"""Make every incident on a local stack, and see that its alert fires, and only it."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from time import monotonic

from incidents.board import check_board
from incidents.environment import Environment, start_environment
from incidents.incidents import INCIDENTS, Incident
from incidents.prometheus import SHORTENED, prometheus_program
from local.supervisor.roles import StackError

POLL_SECONDS = 0.5
QUIET_SECONDS = 30.0
"""For how long a healthy stack is watched first."""
FIRE_SECONDS = 120.0
"""The most that an alert may take to fire, and to go off after the repair."""
WATCH_SECONDS = 12.0
"""For how long other alerts are watched for, once the right one has fired."""
REST_SECONDS = 6.0
"""For how long they are watched for, once it has gone off."""


@dataclass
class Outcome:
    name: str
    alert: str
    fired_after: float | None = None
    """Seconds after the incident was made; None: it did not fire."""
    off_after: float | None = None
    """Seconds after the repair; None: it did not go off."""
    others: set[str] = field(default_factory=set)
    error: str = ""

    @property
    def is_right(self) -> bool:
        return self.fired_after is not None and self.off_after is not None and not self.others and not self.error


async def run(alerts: Collection[str]) -> list[Outcome]:
    async with start_environment() as environment:
        await asyncio.sleep(WATCH_SECONDS)
        print(f"Everything runs. A quiet stack, for {QUIET_SECONDS:.0f} seconds ...", flush=True)
        await environment.open("LIVE")
        await _wait(environment, Outcome("", ""), lambda names: not names)  # Prometheus has not read all yet
        noise = await _watch(environment, QUIET_SECONDS)
        outcomes = [Outcome("a quiet stack", "(none)", 0.0, 0.0, noise)]
        refused, empty = await asyncio.to_thread(check_board, environment.prometheus_port)
        outcomes[0].error = "; ".join(refused)
        print(f"Panels of the board that have no data yet: {', '.join(empty) or 'none'}", flush=True)
        for incident in INCIDENTS:
            if incident.alert in alerts:
                outcomes.append(await _try(environment, incident))
                _print(outcomes[-1])
        return outcomes


async def _try(environment: Environment, incident: Incident) -> Outcome:
    outcome = Outcome(incident.name, incident.alert)
    try:
        repair = await incident.make(environment)
        outcome.fired_after = await _wait(environment, outcome, lambda names: incident.alert in names)
        outcome.others |= await _watch(environment, WATCH_SECONDS) - {incident.alert}
        await repair()
        outcome.off_after = await _wait(environment, outcome, lambda names: not names)
        outcome.others |= await _watch(environment, REST_SECONDS)
    except Exception as error:  # noqa: BLE001 (any failure is an outcome)
        outcome.error = f"{type(error).__name__}: {error}"
    return outcome


async def _wait(environment: Environment, outcome: Outcome, condition: Callable[[set[str]], bool]) -> float | None:
    """Wait until the alerts that fire meet the condition; return the seconds, or None."""
    started = monotonic()
    while (seconds := monotonic() - started) < FIRE_SECONDS:
        names = await environment.alerts()
        outcome.others |= names - {outcome.alert}
        if condition(names):
            return seconds
        await asyncio.sleep(POLL_SECONDS)
    return None


async def _watch(environment: Environment, seconds: float) -> set[str]:
    """Return all alerts that fire meanwhile."""
    until, seen = monotonic() + seconds, set[str]()
    while monotonic() < until:
        seen |= await environment.alerts()
        await asyncio.sleep(POLL_SECONDS)
    return seen


def _print(outcome: Outcome) -> None:
    fired = "did not fire" if outcome.fired_after is None else f"{outcome.fired_after:.0f} s"
    off = "stayed on" if outcome.off_after is None else f"{outcome.off_after:.0f} s"
    others = ", ".join(sorted(outcome.others)) or "none"
    print(f"{outcome.name:<32}{outcome.alert:<27}{fired:<14}{off:<12}{others}", flush=True)
    if outcome.error:
        print(f"    {outcome.error}", flush=True)


def main() -> int:
    """Return the exit code: 1 where another alert fired than the one expected, or none."""
    parser = argparse.ArgumentParser(prog="python -m incidents", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ALERT", help="just the incidents of these alerts")
    only = parser.parse_args().only
    try:
        prometheus_program()
        print("The rules are the shipped ones. Only their times are shorter in this run:", flush=True)
        for pattern, replacement in SHORTENED:
            print(f"    {pattern}  ->  {replacement}", flush=True)
        outcomes = asyncio.run(run(only or [incident.alert for incident in INCIDENTS]))
    except StackError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"\n{'incident':<32}{'alert':<27}{'fired after':<14}{'off after':<12}others that fired")
    for outcome in outcomes:
        _print(outcome)
    return 0 if all(outcome.is_right for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
