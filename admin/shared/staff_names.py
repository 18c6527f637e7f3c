"""Find the staff id that is nearest to a misspelt one."""

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, bad_input, refused
from complaints.formatting.nearest_name import nearest_name
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.enums import Code
from complaints.records import directory
from complaints.records.database import RecordError

REMEDY = "see complaints staff list"
DIRECTORY_TIMEOUT_SECONDS = 1.5


async def check_known(engine: AsyncEngine, option: str, staff: str) -> None:
    """Raise CommandError for an id that the staff directory lacks, before anything is recorded."""
    staff_directory = await directory.read_directory(engine)
    if not staff_directory.has_all([staff]):
        raise bad_input(f"{option}: {unknown_name(staff, staff_directory.members, REMEDY)}")


async def refuse_unknown(connections: Connections, option: str, staff: str) -> None:
    """Raise CommandError for an id that the staff directory lacks.

    While the record is unavailable, accept any.
    """
    with suppress(RecordError):
        async with connections.open_record(DIRECTORY_TIMEOUT_SECONDS) as engine:
            known = (await directory.read_directory(engine)).has_all([staff])
        if not known:
            hint = await suggest_staff(connections, option, staff)
            raise refused(Code.UNKNOWN_STAFF, f"{staff} is not in the staff directory.", hint)


async def unknown_staff(connections: Connections, option: str, staff: str) -> CommandError:
    """Make the error for an id that the staff directory lacks."""
    async with connections.record() as engine:
        ids = await directory.read_members(engine)
    return bad_input(f"{option}: {unknown_name(staff, ids, REMEDY)}")


async def suggest_staff(connections: Connections, option: str, staff: str) -> str | None:
    """Suggest the id nearest to one that the directory lacks.

    Returns None if no id is near, or while the record is unavailable.
    """
    with suppress(CommandError):
        async with connections.record() as engine:
            ids = list(await directory.read_members(engine))
        if nearest_name(staff, ids):
            return f"{option}: {unknown_name(staff, ids)}"
    return None
