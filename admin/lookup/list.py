"""Printing many complaints as they are read, so that any number of them takes little memory."""

from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Protocol

from admin.lookup.render import print_views
from admin.shared.connections import Connections
from admin.shared.errors import CommandError
from admin.shared.json_stream import JsonArray
from admin.shared.output import out, print_error
from complaints.formatting.plural import plural
from complaints.procedure.enums import Status
from complaints.procedure.views.views import ComplaintView
from complaints.records import queries

IN_ONE_TABLE = 500
"""A table is as wide as its widest row, so that it is printed only once all of its rows are known."""


@dataclass(frozen=True)
class Filters:
    """None: any."""

    tier: str | None
    status: Status | None
    overdue: bool | None
    holder: str | None
    due_before: datetime | None


class List(Protocol):
    """What complaints are printed as."""

    def add(self, view: ComplaintView) -> None: ...

    def end(self) -> None: ...


async def print_all(reach: Connections, filters: Filters, *, as_json: bool) -> None:
    """Raises CommandError."""
    printed: List = JsonArray() if as_json else Tables()
    try:
        async with reach.record() as engine, aclosing(queries.views(engine, **asdict(filters))) as views:
            async for view in views:
                printed.add(view)
    except CommandError as error:
        if isinstance(printed, JsonArray) and printed.number:  # what follows must not spoil it
            printed.end()
            for line in error.lines:
                print_error(line)
            raise CommandError(error.code) from error
        raise
    printed.end()


@dataclass
class Tables:
    """Tables one below the other, and how many complaints there were."""

    number: int = 0
    zones: set[str] = field(default_factory=set)
    rows: list[ComplaintView] = field(default_factory=list)

    def add(self, view: ComplaintView) -> None:
        self.number += 1
        self.zones.add(view.time_zone)
        self.rows.append(view)
        if len(self.rows) == IN_ONE_TABLE:
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
