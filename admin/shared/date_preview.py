"""Print what an act would change of the dates of many complaints."""

from collections.abc import AsyncGenerator, AsyncIterator

from sqlalchemy.ext.asyncio import AsyncEngine

from admin.shared.json_stream import JsonArray
from admin.shared.output import out, table
from complaints.formatting.plural import plural
from complaints.procedure.acts import Act
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.views.date_preview import DateChange, DatePreview, preview_dates
from complaints.records.queries import last_states
from complaints.runtime.clock import now

BATCH_SIZE = 100
ROWS_IN_A_TABLE = 500
HEADINGS = ["complaint", "date", "was", "becomes", "first was", "first becomes", ""]


async def previews_in_batches(
    engine: AsyncEngine, acts: AsyncIterator[tuple[str, Act]]
) -> AsyncGenerator[list[DatePreview], None]:
    """What would become of each complaint, if its act came now; nothing is changed."""
    batch: dict[str, Act] = {}
    async for reference, act in acts:
        batch[reference] = act
        if len(batch) == BATCH_SIZE:
            yield await _previews(engine, batch)
            batch = {}
    yield await _previews(engine, batch)


async def _previews(engine: AsyncEngine, acts: dict[str, Act]) -> list[DatePreview]:
    states = await last_states(engine, list(acts)) if acts else []
    return [preview_dates(state, acts[state.reference], now()) for state in states]


class DatePreviewPrinter:
    """Prints as it goes, so that any number of complaints takes little memory."""

    def __init__(self, *, as_json: bool) -> None:
        self._array = JsonArray() if as_json else None
        self._rows: list[tuple[str, ...]] = []
        self._complaints = self._dates = self._late = self._saved = 0

    def add(self, foreseen: list[DatePreview]) -> None:
        for each in foreseen:
            if self._array:
                self._array.add(each)
            self._complaints += 1
            self._dates += len(each.changes)
            self._late += sum(change.is_late and not change.was_late for change in each.changes)
            self._saved += sum(change.was_late and not change.is_late for change in each.changes)
            self._rows += [_row(each.reference, change) for change in each.changes]
            if each.refused:
                self._rows.append((each.reference, "", "", "", "", "", f"refused: {each.refused}"))
        if not self._array and len(self._rows) >= ROWS_IN_A_TABLE:
            self._print()

    def end(self) -> None:
        if self._array:
            self._array.end()
            return
        if self._rows:
            self._print()
        out.print(
            f"{plural(self._complaints, 'open complaint')} would be told, "
            f"and {plural(self._dates, 'date moves', 'dates move')}: "
            f"{self._saved:,} stop being late, {self._late:,} lapse. Nothing has been changed."
        )

    def _print(self) -> None:
        out.print(table("", HEADINGS, self._rows))
        self._rows.clear()


def _row(reference: str, change: DateChange) -> tuple[str, ...]:
    days = (change.from_on, change.to_on, change.first_from, change.first_to)
    effect = ""
    if change.was_late != change.is_late:
        effect = "lapses" if change.is_late else "no longer late"
    return reference, change.of, *(format_date(day) if day else "" for day in days), effect
