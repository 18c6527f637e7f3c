"""Print many complaints as they are read, so that any number of them takes little memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from admin.lookup.render import print_views
from admin.lookup.values import Json, at
from admin.shared.api import SERVICE, Api
from admin.shared.errors import CommandError, Exit, bad_input, unreachable
from admin.shared.json_stream import JsonArray, lines_of
from admin.shared.local_dates import DateTextError, LocalDates
from admin.shared.output import out, print_error
from admin.shared.records import print_note
from complaints.formatting.plural import plural

ROWS_IN_A_TABLE = 500
"""A table's columns are as wide as their widest cells: all of its rows are known before it is printed."""
FIELDS = {"tier": "--tier", "holder": "--holder", "due_before": "--due-before", "limit": "--limit"}
NAMES = ("tier", "holder")
"""Filters that only the service can check."""
OPTIONS = ("--tier", "--holder", "--status", "--closed", "--due-before", "--limit")
"""In the order in which errors are listed."""


class Printer(Protocol):
    """A way to print complaints one by one."""

    def add(self, view: dict[str, Any]) -> None: ...

    def end(self) -> None: ...


def print_all(
    staff: str | None, filters: dict[str, Any], due_before: str | None, errors: list[str], *, as_json: bool
) -> None:
    """Print the complaints that match.

    `errors`: those of the options, which are raised together with the service's. Raises CommandError.
    """
    printer: Printer = JsonArray() if as_json else Tables(filters["limit"])
    with Api(staff, FIELDS) as api:
        if due_before is not None:
            filters["due_before"] = _read_due_before(api, due_before, errors)
        if errors:
            raise bad_input(*_in_order([*errors, *_service_errors(api, filters)]))
        try:
            for view in _stream(api, filters):
                printer.add(view)
        except CommandError as error:
            if isinstance(printer, JsonArray) and printer.number:  # the array is printed in part: close it
                printer.end()
                for line in error.lines:
                    print_error(line)
                raise CommandError(error.code) from error
            raise
    printer.end()


def _stream(api: Api, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the complaints line by line. Raises CommandError."""
    with api.stream("GET", "/complaints", params=filters) as answer:
        for line in lines_of(answer.iter_bytes()):
            try:
                view = json.loads(line)
            except ValueError:
                raise unreachable(f"{SERVICE} broke off") from None
            if problem := view.get("problem"):
                raise unreachable(problem["detail"])
            yield dict(view)


def _read_due_before(api: Api, text: str, errors: list[str]) -> str | None:
    """Read a day or an instant by the service's clock."""
    clock = api.get("/clock")
    try:
        written = LocalDates(ZoneInfo(clock["time_zone"]), clock["day_first"], at(clock["now"])).day_or_instant(text)
    except DateTextError as error:
        errors.append(f"--due-before: {error}")
        return None
    return written.isoformat()


def _service_errors(api: Api, filters: dict[str, Any]) -> tuple[str, ...]:
    """List what the service finds wrong with the tier and the holder.

    Raises CommandError where it does not answer.
    """
    try:
        with api.stream("GET", "/complaints", params={**{name: filters[name] for name in NAMES}, "limit": 1}):
            return ()
    except CommandError as error:
        if error.code is not Exit.BAD_INPUT:
            raise
        return error.lines


def _in_order(errors: list[str]) -> list[str]:
    positions = {option: position for position, option in enumerate(OPTIONS)}
    return sorted(errors, key=lambda line: positions.get(line.split(":")[0].split(",")[0], len(OPTIONS)))


@dataclass
class Tables:
    """Tables one below the other, and the number of complaints."""

    limit: int | None = None
    number: int = 0
    rows: list[Json] = field(default_factory=list)

    def add(self, view: Json) -> None:
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
