"""Print a worklist: complaints due first on top, with the command for the next step of each."""

import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.live import Live
from rich.text import Text

from admin.lookup.values import Json, at, day
from admin.shared.api import Api, ServiceError
from admin.shared.errors import CommandError, Exit
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, out, printable
from admin.shared.records import INDENT, one_line, wrap_command, wrap_words
from complaints.formatting.plural import plural
from complaints.procedure.dates.date_format import format_due
from complaints.runtime.clock import now

RETRY_SECONDS = 5.0
WAIT_SECONDS = 20
"""For a change; then the time at the foot is renewed."""
HOW_TO_END = "Ctrl-C ends it."


def print_worklist(staff: str | None, *, as_json: bool) -> None:
    """Print the worklist of who signed in. Raises CommandError."""
    with Api(staff) as api:
        tasks = api.get("/worklist")
        if as_json:
            print_json_array(tasks)
        else:
            _print(_lines(_owner(api), tasks))


def watch_worklist(staff: str | None) -> None:
    """Show the worklist as it changes, until Ctrl-C.

    While the service is unavailable, the last one stays. Raises CommandError if the first read fails.
    """
    with Api(staff) as api:
        owner, clock = _owner(api), api.get("/clock")
        worklist, note = api.get("/worklist/changes"), HOW_TO_END
        local = ZoneInfo(clock["time_zone"])
        with Live(console=out, auto_refresh=False) as live:
            while True:
                foot = Text(f"As of {now().astimezone(local):%H:%M:%S}. {note}", style="dim")
                lines = [*_lines(owner, worklist["tasks"]), foot]
                if out.is_terminal:
                    live.update(Group(*lines), refresh=True)
                else:
                    _print(lines)
                worklist, note = _next(api, worklist)


def _next(api: Api, worklist: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Wait for a change; return the worklist and the note under it. Raises CommandError."""
    known = {"version": worklist["version"], "wait": WAIT_SECONDS}
    try:
        return api.get("/worklist/changes", **known), HOW_TO_END
    except ServiceError as error:
        if error.status != HTTPStatus.UNAUTHORIZED:
            return worklist, _wait_after(error)
        api.use_token(api.token())  # the one before has expired
        return api.get("/worklist/changes", **known), HOW_TO_END
    except CommandError as error:
        return worklist, _wait_after(error)


def _wait_after(error: CommandError) -> str:
    """Wait before the next try; return the note for the meantime. Raises other errors again."""
    if error.code is not Exit.UNREACHABLE:
        raise error
    time.sleep(RETRY_SECONDS)  # noqa: TID251 - nothing else goes on in this process
    return f"This was read before: {error}."


def _owner(api: Api) -> str:
    return str(api.get("/whoami")["id"])


def _print(lines: Iterable[Text]) -> None:
    for line in lines:
        if out.is_terminal:
            out.print(line)
        else:
            print(line.plain, flush=True)  # the console would make spaces of tabs


def _lines(staff: str, tasks: list[Json]) -> Iterable[Text]:
    """Yield a block for each task, or in a pipe a line for each."""
    for task in tasks:
        yield from _block(task) if out.is_terminal else [Text("\t".join(map(one_line, _cells(task))))]
    if out.is_terminal or not tasks:
        number = plural(len(tasks), "complaint") if tasks else "Nothing"
        yield Text(printable(f"{number} for {staff}."), style="dim")


def _block(task: Json) -> Iterable[Text]:
    line = Text(task["reference"], style="bold")
    line.append(f"  {_due(task)}", style="not bold")
    if task["overdue"]:
        line.append("  overdue", style="not bold red")
    yield line
    yield Text(f"{INDENT}{_where(task)}", style="dim")
    if task["command"]:
        yield from (Text(f"{INDENT}{part}", style="green") for part in wrap_command(task["command"]))
    if task["also"]:
        yield from (Text(f"{INDENT}{part}", style="dim") for part in wrap_words(f"also: {_also(task)}"))


def _cells(task: Json) -> tuple[str, ...]:
    overdue = "overdue" if task["overdue"] else ""
    return task["reference"], _due(task), overdue, _where(task), task["command"] or "", _also(task)


def _where(task: Json) -> str:
    where = ", ".join(humanize_code(each) for each in (task["tier"], task["status"]) if each)
    return where if task["holder"] else f"{where}, nobody holds it"


def _also(task: Json) -> str:
    return ", ".join(name.replace("_", "-") for name in task["also"])


def _due(task: Json) -> str:
    if task["due"] is None:
        return "nothing due"
    due = format_due(day(task["due_on"]), at(task["due_at"]), ZoneInfo(task["time_zone"]))
    return f"{task['due']} due by the end of {due}"
