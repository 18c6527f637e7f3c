"""Find the staff id that is nearest to a misspelt one."""

from contextlib import suppress

from admin.shared.connections import Connections
from admin.shared.errors import CommandError
from complaints.formatting.nearest_name import nearest_name
from complaints.formatting.suggestion import unknown_name
from complaints.records import directory


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
