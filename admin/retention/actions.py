"""List expired complaints; anonymise, hold or erase them, through the HTTP service."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from admin.shared.api import Api
from admin.shared.ask import ask, nothing_done, stdin_is_terminal
from admin.shared.errors import CommandError, Exit, bad_input, unreachable
from admin.shared.identifiers import reference_errors
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, out, print_json
from admin.shared.records import print_records
from admin.shared.typed_dates import TypedDates, given
from complaints.formatting.plural import plural
from complaints.procedure.dates.date_format import format_date

FIELDS: Mapping[str, str] = MappingProxyType(
    {"reference": "REF", "on": "--on", "until": "--until", "reason": "--reason"}
)
ROWS_IN_A_TABLE = 500
HEADINGS = ["reference", "kind", "closed", "kept until", "then"]


def print_expired(on: str | None, by: str | None, *, as_json: bool) -> None:
    """Print what has expired on a day, else today. Raises CommandError."""
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        day = dates.day("on", on)
        with dates.all_errors():
            listed = api.get("/retention", on=day)
    rows = listed["expired"]
    if as_json:
        print_json_array(rows)
        return
    for start in range(0, len(rows), ROWS_IN_A_TABLE):
        print_records("", HEADINGS, map(_row, rows[start : start + ROWS_IN_A_TABLE]))
    day_text = format_date(date.fromisoformat(listed["on"]))
    if not rows:
        out.print(f"None, on {day_text}.")
        return
    have = plural(len(rows), "closed complaint has", "closed complaints have")
    out.print(f"{have} been kept for as long as {listed['policy']} says on {day_text}. Nothing has been changed.")


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    closed, kept = (format_date(date.fromisoformat(row[name])) for name in ("closed_on", "kept_until"))
    return row["reference"], humanize_code(row["kind"]), closed, kept, row["then"]


def anonymise_all(by: str | None, *, as_json: bool) -> None:
    """Start the run, and wait for its end. Raises CommandError."""
    with Api(by, FIELDS) as api:
        run = api.post("/retention/runs")
        err = Console(stderr=True)
        columns = (TextColumn("Anonymised"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
            task = bar.add_task("", total=None)
            while not run["is_finished"]:
                run = api.get("/retention/runs/last")
                bar.update(task, total=run["total"], completed=run["anonymised"])
    if run["failure"]:
        raise CommandError(Exit.FAILED, f"the run failed: {run['failure']}")
    if as_json:
        print_json({"anonymised": run["anonymised"]})
    else:
        out.print(f"{plural(run['anonymised'], 'complaint')} anonymised.")


def keep_longer(ref: str, until: str | None, by: str | None, reason: str | None, *, as_json: bool) -> None:
    """Hold a complaint until a day. Raises CommandError."""
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        body = given(reason=reason, until=dates.day("until", until))
        with dates.all_errors():
            held = api.post(f"{_path(ref)}/hold", json=body)
    if as_json:
        print_json(held)
    else:
        out.print(f"{ref} is kept as it is to {format_date(date.fromisoformat(held['until']))}.")


def erase_one(ref: str, by: str | None, reason: str | None, *, as_json: bool, yes: bool) -> None:
    """Erase a closed complaint, after a confirmation on a terminal. Raises CommandError."""
    with Api(by, FIELDS) as api:
        path = f"{_path(ref)}/erasure"
        if stdin_is_terminal() and not yes and not ask(api.get(path)["lines"]):
            raise nothing_done()
        tombstone = api.post(path, json=given(reference=ref, reason=reason))
    if tombstone["done_at"] is None:
        raise unreachable(f"no worker answers; a worker will erase {ref} once one runs")
    if as_json:
        print_json(tombstone)
    else:
        out.print(
            f"{ref} is erased. Its events and figures stay, with who asked for it ({tombstone['by']}), when and why."
        )


def _path(ref: str) -> str:
    """Return the complaint's path. Raises CommandError."""
    if errors := reference_errors(ref):
        raise bad_input(*errors)
    return f"/complaints/{quote(ref, safe='')}"
