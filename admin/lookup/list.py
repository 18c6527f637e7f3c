"""Print many complaints as they are read, so that any number of them takes little memory."""

from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from admin.lookup.render import print_views
from admin.shared.connections import Connections
from admin.shared.errors import CommandError, bad_input
from admin.shared.json_stream import JsonArray
from admin.shared.output import out, print_error
from admin.shared.records import print_note
from admin.shared.staff_names import REMEDY
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.enums import Status
from complaints.procedure.views.views import ComplaintView
from complaints.records import directory, queries
from complaints.records.digests import list_tiers

ROWS_IN_A_TABLE = 500
"""A table's columns are as wide as their widest cells: all of its rows are known before it is printed."""


@dataclass(frozen=True)
class Filters:
    """Which complaints to list; None for any."""

    tier: str | None
    status: Status | None
    overdue: bool | None
    holder: str | None
    due_before: datetime | None
    closed: bool | None
    """None: open and closed ones."""
    limit: int | None


class Printer(Protocol):
    """A way to print complaints one by one."""

    def add(self, view: ComplaintView) -> None: ...

    def end(self) -> None: ...


async def print_all(connections: Connections, filters: Filters, *, as_json: bool) -> None:
    """Print the complaints that match.

    Raises CommandError, also for a tier or a holder that nobody knows.
    """
    printer: Printer = JsonArray() if as_json else Tables(filters.limit)
    try:
        async with connections.record() as engine:
            await _check(engine, connections, filters)
            async with aclosing(queries.list_views(engine, **asdict(filters))) as views:
                async for view in views:
                    printer.add(view)
    except CommandError as error:
        if isinstance(printer, JsonArray) and printer.number:  # the array is printed in part: close it
            printer.end()
            for line in error.lines:
                print_error(line)
            raise CommandError(error.code) from error
        raise
    printer.end()


async def _check(engine: AsyncEngine, connections: Connections, filters: Filters) -> None:
    """Check that the tier and the holder exist. Raises CommandError with the nearest names."""
    errors = []
    if filters.tier is not None:
        known = dict.fromkeys([*connections.context.policy().steps, *await list_tiers(engine)])
        if filters.tier not in known:
            errors.append(f"--tier: {unknown_name(filters.tier, known)}")
    if filters.holder is not None:
        members = await directory.read_members(engine)
        if filters.holder not in members and not await queries.is_holder(engine, filters.holder):
            errors.append(f"--holder: {unknown_name(filters.holder, members, REMEDY)}")
    if errors:
        raise bad_input(*errors)


@dataclass
class Tables:
    """Tables one below the other, and the number of complaints."""

    limit: int | None = None
    number: int = 0
    rows: list[ComplaintView] = field(default_factory=list)

    def add(self, view: ComplaintView) -> None:
        self.number += 1
        self.rows.append(view)
        if len(self.rows) == ROWS_IN_A_TABLE:
            self._print_rows()

    def end(self) -> None:
        if self.rows:
            self._print_rows()
        if self.number == 0:
            out.print("There is none.")
        else:
            most = "; there may be more: raise --limit" if self.number == self.limit else ""
            print_note(f"{plural(self.number, 'complaint')}{most}.")

    def _print_rows(self) -> None:
        print_views(self.rows)
        self.rows.clear()
