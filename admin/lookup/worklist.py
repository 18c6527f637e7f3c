"""Print a worklist: complaints due first on top, with the command for the next step of each."""

import asyncio
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.live import Live
from rich.text import Text

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, out, printable
from admin.shared.records import INDENT, one_line, wrap_command, wrap_words
from admin.shared.staff_names import REMEDY
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_due
from complaints.records import directory
from complaints.records.worklists import read_worklist
from complaints.runtime.clock import now
from complaints.staff.worklist import Task, build_worklist

REFRESH_INTERVAL_SECONDS = 5.0


async def print_worklist(connections: Connections, staff: str, *, as_json: bool) -> None:
    tasks = await _read_tasks(connections, staff)
    if as_json:
        print_json_array(tasks)
        return
    _print(_lines(staff, tasks))


async def watch_worklist(connections: Connections, staff: str) -> None:
    """Refresh the worklist until Ctrl-C; while PostgreSQL is unavailable, keep the last one.

    Raises CommandError if the first read fails.
    """
    local = zone(connections.context.policy().time_zone)
    tasks = await _read_tasks(connections, staff)
    note = "Ctrl-C ends it."
    with Live(console=out, auto_refresh=False) as live:
        while True:
            foot = Text(f"As of {now().astimezone(local):%H:%M:%S}. {note}", style="dim")
            lines = [*_lines(staff, tasks), foot]
            if out.is_terminal:
                live.update(Group(*lines), refresh=True)
            else:
                _print(lines)
            await asyncio.sleep(REFRESH_INTERVAL_SECONDS)
            try:
                tasks, note = await _read_tasks(connections, staff), "Ctrl-C ends it."
            except CommandError as error:
                if error.code is not Exit.UNREACHABLE:
                    raise
                note = f"This was read before: {error}."


def _print(lines: Iterable[Text]) -> None:
    for line in lines:
        if out.is_terminal:
            out.print(line)
        else:
            print(line.plain, flush=True)  # the console would make spaces of tabs


async def _read_tasks(connections: Connections, staff: str) -> list[Task]:
    async with connections.record() as engine:
        members = await directory.read_members(engine)
        if staff not in members:
            raise bad_input(f"--as: {unknown_name(staff, members, REMEDY)}")
        member = members[staff]
        worklist = await read_worklist(engine, staff, member.leads, member.roles)
    real = now()
    return build_worklist(member.authority, ((state, max(real, state.events[-1].at)) for state in worklist))


def _lines(staff: str, tasks: list[Task]) -> Iterable[Text]:
    """Yield a block for each task, or in a pipe a line for each."""
    for task in tasks:
        yield from _block(task) if out.is_terminal else [Text("\t".join(map(one_line, _cells(task))))]
    if out.is_terminal or not tasks:
        number = plural(len(tasks), "complaint") if tasks else "Nothing"
        yield Text(printable(f"{number} for {staff}."), style="dim")


def _block(task: Task) -> Iterable[Text]:
    line = Text(task.reference, style="bold")
    line.append(f"  {_due(task)}", style="not bold")
    if task.overdue:
        line.append("  overdue", style="not bold red")
    yield line
    yield Text(f"{INDENT}{_where(task)}", style="dim")
    if task.command:
        yield from (Text(f"{INDENT}{part}", style="green") for part in wrap_command(task.command))
    if task.also:
        yield from (Text(f"{INDENT}{part}", style="dim") for part in wrap_words(f"also: {_also(task)}"))


def _cells(task: Task) -> tuple[str, ...]:
    overdue = "overdue" if task.overdue else ""
    return task.reference, _due(task), overdue, _where(task), task.command or "", _also(task)


def _where(task: Task) -> str:
    where = ", ".join(humanize_code(each) for each in (task.tier, task.status) if each)
    return where if task.holder else f"{where}, nobody holds it"


def _also(task: Task) -> str:
    return ", ".join(name.replace("_", "-") for name in task.also)


def _due(task: Task) -> str:
    if task.due is None or task.due_on is None or task.due_at is None:
        return "nothing due"
    return f"{task.due} due by the end of {format_due(task.due_on, task.due_at, ZoneInfo(task.time_zone))}"
