"""Print how an act for each of many complaints would change their dates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from admin.shared.json_stream import JsonArray
from admin.shared.output import out
from admin.shared.records import print_records
from complaints.formatting.plural import plural
from complaints.procedure.dates.date_format import format_date

ROWS_IN_A_TABLE = 500
HEADINGS = ["complaint", "date", "was", "becomes", "first was", "first becomes", ""]


class DatePreviewPrinter:
    """Prints previews as they come, so that any number of complaints takes little memory.

    `of` is what the act changes: `calendar` or `policy`.
    """

    def __init__(self, of: str, *, as_json: bool) -> None:
        self._of = of
        self._array = JsonArray() if as_json else None
        self._rows: list[tuple[str, ...]] = []
        self._affected = self._later = self._dates = self._late = self._saved = 0

    def add(self, preview: dict[str, Any]) -> None:
        """Add one complaint's preview, as the service gives it."""
        changes, refused = preview["changes"], preview["refused"]
        if self._array:
            self._array.add(preview)
        self._affected += preview["affected"]
        self._later += not preview["affected"] and refused is None
        self._dates += len(changes)
        self._late += sum(change["is_late"] and not change["was_late"] for change in changes)
        self._saved += sum(change["was_late"] and not change["is_late"] for change in changes)
        self._rows += [_row(preview["reference"], change) for change in changes]
        if refused:
            self._rows.append((preview["reference"], "", "", "", "", "", f"refused: {refused}"))
        if not self._array and len(self._rows) >= ROWS_IN_A_TABLE:
            self._print()

    def end(self) -> None:
        if self._array:
            self._array.end()
            return
        if self._rows:
            self._print()
        out.print(
            f"The dates of {plural(self._affected, 'open complaint')} would change, "
            f"and {plural(self._dates, 'date moves', 'dates move')}: "
            f"{self._saved:,} stop being late, {self._late:,} lapse."
        )
        if self._later:
            out.print(f"{self._later:,} more would get the {self._of} only for the dates that they set later.")
        out.print("Nothing has been changed.")

    def _print(self) -> None:
        print_records("", HEADINGS, self._rows)
        self._rows.clear()


def _row(reference: str, change: Mapping[str, Any]) -> tuple[str, ...]:
    days = (change[each] for each in ("from_on", "to_on", "first_from", "first_to"))
    effect = ""
    if change["was_late"] != change["is_late"]:
        effect = "lapses" if change["is_late"] else "no longer late"
    return reference, change["of"], *(format_date(date.fromisoformat(day)) if day else "" for day in days), effect
