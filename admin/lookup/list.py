"""Print many complaints as they are read, so that any number of them takes little memory."""

from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Protocol

from admin.lookup.render import print_views
from admin.shared.connections import Connections
from admin.shared.errors import CommandError
from admin.shared.json_stream import JsonArray
from admin.shared.output import out, print_error
from admin.shared.staff_names import suggest_staff
from complaints.formatting.nearest_name import nearest_name
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.enums import Status
from complaints.procedure.views.views import ComplaintView
from complaints.records import queries

ROWS_IN_A_TABLE = 500
"""A table is as wide as its widest row, so that it is printed only once all of its rows are known."""


@dataclass(frozen=True)
class Filters:
    """Which complaints to list; None for any."""

    tier: str | None
    status: Status | None
    overdue: bool | None
    holder: str | None
    due_before: datetime | None


class Printer(Protocol):
    """A way to print complaints one by one."""

    def add(self, view: ComplaintView) -> None: ...

    def end(self) -> None: ...


async def print_all(connections: Connections, filters: Filters, *, as_json: bool) -> None:
    """Print the complaints that match. Raises CommandError."""
    printer: Printer = JsonArray() if as_json else Tables()
    try:
        async with connections.record() as engine, aclosing(queries.list_views(engine, **asdict(filters))) as views:
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
    if isinstance(printer, Tables) and printer.number == 0:
        await _suggest(connections, filters)


async def _suggest(connections: Connections, filters: Filters) -> None:
    """Print the nearest known names where a filter may be misspelt."""
    tiers = [tier.id for tier in connections.context.policy().tiers]
    if filters.tier and filters.tier not in tiers and nearest_name(filters.tier, tiers):
        out.print(f"--tier: {unknown_name(filters.tier, tiers)}")
    if filters.holder and (hint := await suggest_staff(connections, "--holder", filters.holder)):
        out.print(hint)


@dataclass
class Tables:
    """Tables one below the other, and the number of complaints."""

    number: int = 0
    zones: set[str] = field(default_factory=set)
    rows: list[ComplaintView] = field(default_factory=list)

    def add(self, view: ComplaintView) -> None:
        self.number += 1
        self.zones.add(view.time_zone)
        self.rows.append(view)
        if len(self.rows) == ROWS_IN_A_TABLE:
            self._print_rows()

    def end(self) -> None:
        if self.rows:
            self._print_rows()
        if self.number == 0:
            out.print("There is none.")
        else:
            times = f"times are those of {', '.join(sorted(self.zones))}"
            out.print(f"{plural(self.number, 'complaint')}; {times}.", style="dim")

    def _print_rows(self) -> None:
        print_views(self.rows)
        self.rows.clear()
