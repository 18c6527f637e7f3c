"""Reads a file of the staff directory: CSV, its first line names the columns.

    id,name,email,roles,leads,aspects,teams,active_from,active_until,absences
    m.okafor,Mary Okafor,m.okafor@example.org,manager,,delay; not_kept_updated,,2024-04-02,,2026-12-21/2027-01-02

`id` and `name` are needed. What stands in no column stays as it was; an empty cell empties the field. Several of
something are separated by `;`. An absence is a day, or two with a slash between.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any, Self

from complaints.procedure.policy import Policy
from complaints.staff.members import InvalidMemberError, Member

COLUMNS = tuple(Member.model_fields)
NEEDED = ("id", "name")
SEVERAL = ("roles", "leads", "aspects", "teams", "absences")


class InvalidFileError(ValueError):
    """It cannot be taken; each mistake with its line and column."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class StaffFile:
    """Members as the file has them, by the line on which each begins."""

    policy: Policy
    rows: Mapping[int, dict[str, Any]]

    @classmethod
    def read(cls, text: str, policy: Policy) -> Self:
        """Raises MistakenFileError with every mistake."""
        lines = _Lines(text)
        columns, errors = _columns(next(lines, (1, [])))
        if errors:
            raise InvalidFileError(errors)
        rows: dict[int, dict[str, Any]] = {}
        for number, cells in lines:
            if len(cells) != len(columns):
                errors.append(f"line {number}: has {len(cells)} cells under {len(columns)} columns")
            else:
                rows[number] = {name: _read(name, cell) for name, cell in zip(columns, cells, strict=True)}
        errors += lines.errors
        read = cls(policy, rows)
        errors += read._errors({}) + read._repeats()
        if errors:
            raise InvalidFileError(sorted(errors, key=_line_of))
        return read

    @property
    def ids(self) -> list[str]:
        return [fields["id"] for fields in self.rows.values()]

    def members(self, known: Mapping[str, Member]) -> list[Member]:
        """With what stands in no column as it is `known`. Raises MistakenFileError with every mistake."""
        if errors := self._errors(known):
            raise InvalidFileError(errors)
        return [Member.of(fields, self.policy, known.get(fields["id"])) for fields in self.rows.values()]

    def _errors(self, known: Mapping[str, Member]) -> list[str]:
        errors = []
        for number, fields in self.rows.items():
            try:
                Member.of(fields, self.policy, known.get(fields["id"]))
            except InvalidMemberError as error:
                errors += [f"line {number}: {mistake}" for mistake in error.errors]
        return errors

    def _repeats(self) -> list[str]:
        first: dict[str, int] = {}
        for number, fields in self.rows.items():
            first.setdefault(fields["id"], number)
        return [
            f"line {number}: id: {fields['id']} stands on line {first[fields['id']]} already"
            for number, fields in self.rows.items()
            if first[fields["id"]] != number
        ]


class _Lines:
    """The lines that are not empty, each with its number; what cannot be read ends them, and is a mistake."""

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
                self.errors.append(f"line {number}: cannot be read as CSV ({error})")
                raise StopIteration from error
            if any(cell.strip() for cell in cells):
                return number, cells


def _columns(header: tuple[int, list[str]]) -> tuple[list[str], list[str]]:
    """And what is wrong with them."""
    number, cells = header
    columns = [cell.strip().lower() for cell in cells]
    errors = [
        f"line {number}: there is no column {name or 'without a name'}; there are {', '.join(COLUMNS)}"
        for name in columns
        if name not in COLUMNS
    ]
    errors += [f"line {number}: the column {name} is needed" for name in NEEDED if name not in columns]
    errors += [f"line {number}: the column {name} stands there twice" for name in COLUMNS if columns.count(name) > 1]
    return columns, errors


def _read(column: str, cell: str) -> Any:
    cell = cell.strip()
    if column not in SEVERAL:
        return cell if cell or column in NEEDED else None
    several = [part.strip() for part in cell.split(";") if part.strip()]
    if column != "absences":
        return several
    days = [part.partition("/") for part in several]
    return [{"since": since.strip(), "until": (until or since).strip()} for since, _, until in days]


def _line_of(mistake: str) -> int:
    return int(mistake.removeprefix("line ").partition(":")[0])
