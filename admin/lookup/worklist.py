"""Print a worklist: complaints due first on top, with the command for the next step of each."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, out, printable
from admin.shared.staff_names import REMEDY
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
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
    for line in _lines(staff, tasks):
        out.print(line, soft_wrap=True)


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
            screen = Group(*_lines(staff, tasks), foot)
            if out.is_terminal:
                live.update(screen, refresh=True)
            else:
                out.print(screen, soft_wrap=True)
            await asyncio.sleep(REFRESH_INTERVAL_SECONDS)
            try:
                tasks, note = await _read_tasks(connections, staff), "Ctrl-C ends it."
            except CommandError as error:
                if error.code is not Exit.UNREACHABLE:
                    raise
                note = f"This was read before: {error}."


async def _read_tasks(connections: Connections, staff: str) -> list[Task]:
    async with connections.record() as engine:
        members = await directory.read_members(engine)
        if staff not in members:
            raise bad_input(f"--as: {unknown_name(staff, members, REMEDY)}")
        member = members[staff]
        worklist = await read_worklist(engine, staff, member.leads)
    real = now()
    return build_worklist(member.authority, ((state, max(real, last)) for state, last in worklist))


def _lines(staff: str, tasks: list[Task]) -> Iterable[RenderableType]:
    for task in tasks:
        yield _heading(task)
        if task.command:
            yield Text(f"    {task.command}", style="green")
        if task.also:
            yield Text(f"    also: {', '.join(name.replace('_', '-') for name in task.also)}", style="dim")
    number = plural(len(tasks), "complaint") if tasks else "Nothing"
    yield Text(printable(f"{number} for {staff}."), style="dim")


def _heading(task: Task) -> Text:
    line = Text(task.reference, style="bold")
    line.append(f"  {_due(task)}", style="")
    if task.overdue:
        line.append("  overdue", style="red")
    where = [humanize_code(each) for each in (task.tier, task.status) if each]
    line.append(f"  {', '.join(where)}{'' if task.holder else ', nobody holds it'}", style="dim")
    return line


def _due(task: Task) -> str:
    if task.due is None or task.due_on is None or task.due_at is None:
        return "nothing due"
    at: datetime = task.due_at.astimezone(ZoneInfo(task.time_zone))
    exactly = "" if at.time() == time.min else f" {at:%H:%M:%S}"
    return f"{task.due} due by the end of {format_date(task.due_on)}{exactly}"
