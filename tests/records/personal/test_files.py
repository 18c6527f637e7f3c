"""No file of PostgreSQL holds personal data: no table, index or write-ahead log."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.views.views import transition_since
from complaints.records.erasure import create_tombstone, erase
from complaints.records.personal.encryption import destroy_keys
from complaints.records.transitions import write_transition
from tests.fixtures.marked import Marks
from tests.procedure.builders import LEAD
from tests.records.personal.marked_story import NOW, record_marked

MARK = re.compile(rb"xj\d+jx", re.IGNORECASE)


class OwnMarks(Marks):
    """Marks that no other test writes: all databases of a server share its write-ahead log."""

    def text(self) -> str:
        return super().text().replace("zq", "xj").replace("qz", "jx")


async def marks_in_files(owner: AsyncEngine) -> set[str]:
    """Return the marks in all files of the server, once all pages are written."""
    async with owner.connect() as connection:
        await connection.execute(text("CHECKPOINT"))
        folder = Path(await connection.scalar(text("SHOW data_directory")) or "")
    return await asyncio.to_thread(lambda: set(_marks_below(folder)))


def _marks_below(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield from (mark.decode().lower() for mark in MARK.findall(path.read_bytes()))


async def test_no_file_of_postgresql_holds_a_text_of_a_complaint(
    engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    marks = OwnMarks()
    living, erased = [await record_marked(engine, reference, marks) for reference in ("F-1", "F-2")]
    case_handlers = {each.state.form.case.handler for each in (living, erased)}
    assert await marks_in_files(owner_engine) == case_handlers, "ids of staff are in clear, and nothing else"
    await create_tombstone(engine, "F-2", NOW, LEAD, "She asked us to.")
    await destroy_keys(engine, "F-2", LEAD, "She asked us to.", NOW)
    await erase(engine, "F-2", NOW)
    await write_transition(engine, transition_since(erased.complaint, 0))
    assert await marks_in_files(owner_engine) == case_handlers
