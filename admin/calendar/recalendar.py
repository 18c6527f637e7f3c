"""Preview a recalculation of open dates, or start it and follow its progress."""

import json
import sys
from collections.abc import Mapping
from threading import Event
from typing import Any

from admin.shared.api import Api
from admin.shared.ask import screen
from admin.shared.date_preview import DatePreviewPrinter
from admin.shared.errors import CommandError, Exit, refused
from admin.shared.output import out, print_json
from complaints.formatting.plural import plural
from complaints.procedure.enums import Code

MAX_NAMED = 10
"""How many of the complaints that were not recalculated a line names."""
POLL_INTERVAL_SECONDS = 0.5
PATH = "/recalendar"


def print_preview(by: str | None, *, as_json: bool) -> None:
    """Print how the dates of each complaint with a stale calendar would change."""
    printer = DatePreviewPrinter("calendar", as_json=as_json)
    with Api(by) as api, api.stream("GET", f"{PATH}/preview") as answer:
        for line in answer.iter_lines():
            printer.add(json.loads(line))
    printer.end()


def recalculate_all(by: str | None, *, as_json: bool) -> None:
    """Start the recalculation, and wait until every date that changes is recalculated.

    Raises CommandError if some complaints were left out.
    """
    with Api(by) as api:
        api.post(PATH)
        run = _watch(api, show=not as_json and sys.stderr.isatty())
    if as_json:
        print_json(run)
    else:
        out.print(f"Recalculated the dates of {plural(run['tally']['redated'], 'complaint')}.")
        if run["later"]:
            out.print(
                f"{run['later']:,} more get the calendar only for the dates that they set later; this goes on in the "
                "background. See how far: complaints recalendar --progress"
            )
    _check_left_out(run["tally"])


def print_progress(by: str | None, *, as_json: bool) -> None:
    """Print how far the last run is, and the one for later dates after it.

    Raises CommandError if some complaints were left out.
    """
    with Api(by) as api:
        progress = api.get(PATH)
    run, later = progress["run"], progress["later"]
    for failed, workflow in (("failure", "run:recalendar"), ("later_failed", "run:recalendar-later")):
        if progress[failed]:
            raise CommandError(Exit.FAILED, f"{workflow} failed, or it was ended; repeat the recalculation")
    if as_json:
        print_json({"run": run, "later": later})
    elif run is None and later is None:
        out.print("No run is known. Start one: complaints recalendar")
    if run and not as_json:
        done = _of(run["tally"], run["affected"])
        out.print(f"Dates that change: {_state(run)}; {done} recalculated.")
        out.print(f"Only for later dates: {plural(run['later'], 'complaint')} of {_number(run['total'])} compared.")
    if later and not as_json:
        done = _of(later["tally"], later["total"])
        out.print(f"For later dates: {_state(later)}; {done} have the calendar.")
    last = later if later and (run is None or run["later"]) else run  # the later run also has what the first left out
    if last and all(each["is_finished"] for each in (run, last) if each):
        _check_left_out(last["tally"])


def _watch(api: Api, *, show: bool) -> dict[str, Any]:
    """Wait until the run ends, also while no worker runs; show a progress bar if `show`."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen(), disable=not show, transient=True) as bar:
        task = bar.add_task("recalculating", total=None)
        while True:
            try:
                progress = api.get(PATH)
            except CommandError as error:
                if error.code is not Exit.UNREACHABLE:
                    raise
                bar.update(task, description="no worker answers; waiting")
            else:
                if failure := progress["failure"]:
                    raise _failed(failure)
                run: dict[str, Any] | None = progress["run"]
                if run and run["is_finished"]:
                    return run
                if run:
                    doing = f"recalculating {_processed(run['tally']):,} of {run['affected']:,}; compared"
                    completed = run["later"] + _processed(run["tally"])
                    bar.update(task, total=run["total"], completed=completed, description=doing)
            Event().wait(POLL_INTERVAL_SECONDS)


def _failed(failure: Mapping[str, str]) -> CommandError:
    if failure["code"] in set(Code):
        return refused(failure["code"], failure["sentence"])
    return CommandError(Exit.FAILED, f"the recalculation failed: {failure['sentence']}")


def _state(run: Mapping[str, Any]) -> str:
    return "finished" if run["is_finished"] else "running"


def _processed(tally: Mapping[str, Any]) -> int:
    return int(tally["redated"]) + sum(len(tally[each]) for each in ("refused", "gone", "unanswered"))


def _of(tally: Mapping[str, Any], number: int | None) -> str:
    return f"{_processed(tally):,} of {_number(number)}"


def _number(number: int | None) -> str:
    return "a number not yet counted" if number is None else f"{number:,}"


def _check_left_out(tally: Mapping[str, Any]) -> None:
    """Raise CommandError if some complaints were left out."""
    left_out = {
        "refused it": tally["refused"],
        "have no workflow": tally["gone"],
        "did not answer": tally["unanswered"],
    }
    lines = [
        f"{len(references)} {reason}: {', '.join(references[:MAX_NAMED])}{' …' if len(references) > MAX_NAMED else ''}"
        for reason, references in left_out.items()
        if references
    ]
    if lines:
        raise CommandError(Exit.FAILED, *lines, "Find out why, then repeat the command.")
