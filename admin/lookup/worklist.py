"""Somebody's worklist: what is due first on top, with the command for what comes next."""

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
from complaints.formatting.plural import plural
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
from complaints.records import directory
from complaints.records.worklists import worklist
from complaints.runtime.clock import now
from complaints.staff.worklist import Task, tasks_of

AGAIN_AFTER = 5.0
"""Seconds."""


async def print_worklist(reach: Connections, staff: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    tasks = await _tasks(reach, staff)
    if as_json:
        print_json_array(tasks)
        return
    for line in _shown(staff, tasks):
        out.print(line, soft_wrap=True)


async def watch_worklist(reach: Connections, staff: str) -> None:
    """Until Ctrl-C. While PostgreSQL is away what was read last stays. Raises CommandError if there is nothing yet."""
    local = zone(reach.context.policy().time_zone)
    tasks = await _tasks(reach, staff)
    said = ""
    with Live(console=out, auto_refresh=False) as live:
        while True:
            foot = Text(f"As of {now().astimezone(local):%H:%M:%S}. {said or 'Ctrl-C ends it.'}", style="dim")
            shown = Group(*_shown(staff, tasks), foot)
            if out.is_terminal:
                live.update(shown, refresh=True)
            else:
                out.print(shown, soft_wrap=True)
            await asyncio.sleep(AGAIN_AFTER)
            try:
                tasks, said = await _tasks(reach, staff), ""
            except CommandError as error:
                if error.code is not Exit.UNREACHABLE:
                    raise
                said = f"This was read before: {error}."


async def _tasks(reach: Connections, staff: str) -> list[Task]:
    async with reach.record() as engine:
        member = (await directory.members(engine)).get(staff)
        if member is None:
            raise bad_input(f"--as: there is no {staff} in the directory; see complaints staff list")
        theirs = await worklist(engine, staff, member.leads)
    real = now()
    return tasks_of(member.standing, ((state, max(real, last)) for state, last in theirs))


def _shown(staff: str, tasks: list[Task]) -> Iterable[RenderableType]:
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
