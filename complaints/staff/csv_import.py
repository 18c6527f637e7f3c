"""Read the staff directory from CSV, whose first line names the columns.

    id,name,email,roles,leads,aspects,teams,active_from,active_until,absences
    m.okafor,Mary Okafor,m.okafor@example.org,manager,,delay; not_kept_updated,,2024-04-02,,2026-12-21/2027-01-02

`id` and `name` are required. A field without a column keeps its value; an empty cell empties the field. The items of
a list are separated by `;`. An absence is a day, or its first and last day with a slash between.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any, Self

from complaints.formatting.nearest_name import nearest_name
from complaints.procedure.policy import Policy
from complaints.staff.members import InvalidMemberError, Member

COLUMNS = tuple(Member.model_fields)
REQUIRED = ("id", "name")
LIST_COLUMNS = ("roles", "leads", "aspects", "teams", "absences")


class InvalidFileError(ValueError):
    """The file is invalid. Each error has its line and column."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class StaffFile:
    """The rows of a file, by the line on which each begins."""

    policy: Policy
    rows: Mapping[int, dict[str, Any]]

    @classmethod
    def read(cls, text: str, policy: Policy) -> Self:
        """Read a file. Raises InvalidFileError with every error."""
        lines = _Lines(text)
        columns, errors = _columns(next(lines, (1, [])))
        if errors:
            raise InvalidFileError(errors)
        rows: dict[int, dict[str, Any]] = {}
        for number, cells in lines:
            if len(cells) != len(columns):
                errors.append(f"line {number}: has {len(cells)} cells; give {len(columns)}, one for each column")
            else:
                rows[number] = {name: _parse(name, cell) for name, cell in zip(columns, cells, strict=True)}
        errors += lines.errors
        file = cls(policy, rows)
        errors += file._errors({}) + file._repeats()
        if errors:
            raise InvalidFileError(sorted(errors, key=_line_of))
        return file

    @property
    def ids(self) -> list[str]:
        return [fields["id"] for fields in self.rows.values()]

    def members(self, current: Mapping[str, Member]) -> list[Member]:
        """Apply the rows to the `current` members. Raises InvalidFileError with every error."""
        if errors := self._errors(current):
            raise InvalidFileError(errors)
        return [Member.of(fields, self.policy, current.get(fields["id"])) for fields in self.rows.values()]

    def _errors(self, current: Mapping[str, Member]) -> list[str]:
        errors = []
        for number, fields in self.rows.items():
            try:
                Member.of(fields, self.policy, current.get(fields["id"]))
            except InvalidMemberError as error:
                errors += [f"line {number}: {line}" for line in error.errors]
        return errors

    def _repeats(self) -> list[str]:
        first: dict[str, int] = {}
        for number, fields in self.rows.items():
            first.setdefault(fields["id"], number)
        return [
            f"line {number}: id: {fields['id']} is on line {first[fields['id']]} already; remove one of the lines"
            for number, fields in self.rows.items()
            if first[fields["id"]] != number
        ]


class _Lines:
    """Iterate over the lines that are not empty, with their numbers, up to the first CSV error."""

    def __init__(self, text: str) -> None:
        self._reader = csv.reader(StringIO(text, newline=""), strict=True)
        self.errors: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        while True:
            number = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except csv.Error as error:
                self.errors.append(f"line {number}: not valid CSV ({error}); correct the line")
                raise StopIteration from error
            if any(cell.strip() for cell in cells):
                return number, cells


def _columns(header: tuple[int, list[str]]) -> tuple[list[str], list[str]]:
    """Return the columns, and the errors in them."""
    number, cells = header
    columns = [cell.strip().lower() for cell in cells]
    errors = [f"line {number}: {_unknown_column(name)}" for name in columns if name not in COLUMNS]
    errors += [f"line {number}: the column {name} is missing; add it" for name in REQUIRED if name not in columns]
    errors += [
        f"line {number}: there are several columns {name}; remove all but one"
        for name in COLUMNS
        if columns.count(name) > 1
    ]
    return columns, errors


def _unknown_column(name: str) -> str:
    if ";" in name:
        return f"there is no column {name}; separate the columns with commas"
    near = nearest_name(name, COLUMNS)
    advice = f"{near}?" if near else f"give one of {', '.join(COLUMNS)}"
    return f"there is no column {name}; {advice}" if name else f"a column has no name; {advice}"


def _parse(column: str, cell: str) -> Any:
    cell = cell.strip()
    if column == "id":
        return cell.lower()
    if column not in LIST_COLUMNS:
        return cell if cell or column in REQUIRED else None
    items = [part.strip() for part in cell.split(";") if part.strip()]
    if column != "absences":
        return items
    days = [item.partition("/") for item in items]
    return [{"since": since.strip(), "until": (until or since).strip()} for since, _, until in days]


def _line_of(error: str) -> int:
    return int(error.removeprefix("line ").partition(":")[0])
