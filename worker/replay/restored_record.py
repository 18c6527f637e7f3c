"""Mark a restored record, and list what Temporal cannot give back."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.formatting.plural import plural
from complaints.records.restores.marks import (
    Restore,
    find_newest_instant,
    finish_restore,
    list_unconfirmed,
    mark_restored,
)
from complaints.runtime.clock import now


class RestoredRecord:
    """Marks the record once, before anything is written to it. `report` takes lines for people.

    Each method raises RecordUnreachableError.
    """

    def __init__(self, engine: AsyncEngine, report: Callable[[str], None], *, dry_run: bool) -> None:
        self._engine = engine
        self._report = report
        self._dry_run = dry_run
        self._is_marked = False
        self._restore: Restore | None = None

    async def mark(self) -> None:
        """Mark the record as restored: Temporal knows something as recorded that the record lacks."""
        if self._is_marked:
            return
        self._is_marked, at = True, now()
        if self._dry_run:
            until = await find_newest_instant(self._engine, at)
        else:
            self._restore = await mark_restored(self._engine, at)
            until = self._restore.recorded_until
        self._report(f"The record was restored to an older state{_describe(until)}.")

    async def finish(self) -> None:
        """List what is lost or to be confirmed, and note that the record is complete again."""
        if self._restore is None:
            return
        unconfirmed = [len(await list_unconfirmed(self._engine, kind)) for kind in ("staff", "system")]
        for line in _describe_unknown(unconfirmed):
            self._report(line)
        await finish_restore(self._engine, self._restore, now())


def _describe(until: datetime | None) -> str:
    return f": the newest instant on it was {until:%Y-%m-%d %H:%M:%S} UTC" if until else ", which was empty"


def _describe_unknown(unconfirmed: Sequence[int]) -> list[str]:
    staff, systems = (plural(number, "is", "are") for number in unconfirmed)
    return [
        "Temporal does not know these changes since then. Compare each with your own files, and key it again:",
        f"- staff and absences; {staff} refused until somebody gives: python -m worker confirm staff",
        f"- systems and their keys; {systems} refused until somebody gives: python -m worker confirm system",
        "- holidays added or struck: complaints calendar show",
        "- holds, which keep a complaint from being anonymised: complaints retention",
        "- channels of letters that were changed by hand: complaints letters --waiting",
    ]
