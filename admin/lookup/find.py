"""Find complaints by name, email, case or reference, for a member of staff."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from admin.shared.connections import Connections
from admin.shared.errors import bad_input, refused
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, instant, out
from admin.shared.records import print_note, print_records
from admin.shared.staff_names import REMEDY
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import zone
from complaints.procedure.enums import Code
from complaints.records import directory
from complaints.records.search import FoundComplaint, find_complaints
from complaints.runtime.clock import now

COLUMNS = ["reference", "name", "capacity", "case", "tier", "status", "holder", "received"]


async def print_found(connections: Connections, text: str, staff: str, limit: int, *, as_json: bool) -> None:
    """Print the complaints that match a text.

    Raises CommandError if `staff` is not in the directory, or not active today.
    """
    today = now().astimezone(zone(connections.context.policy().time_zone)).date()
    async with connections.record() as engine:
        members = await directory.read_members(engine)
        if staff not in members:
            raise bad_input(f"--as: {unknown_name(staff, members, REMEDY)}")
        if not members[staff].authority.is_active(today):
            raise refused(Code.INACTIVE_STAFF, f"{staff} is not active today, so nothing is shown.")
        found = await find_complaints(engine, text, limit)
    if as_json:
        print_json_array(found)
    elif found:
        print_records("", COLUMNS, _rows(found))
        most = "; there may be more: raise --limit" if len(found) == limit else ""
        print_note(f"{plural(len(found), 'complaint')}{most}.")
    else:
        out.print("There is none.")


def _rows(found: Iterable[FoundComplaint]) -> Iterable[tuple[str, ...]]:
    for each in found:
        status = f"closed: {humanize_code(each.closing_reason)}" if each.closing_reason else humanize_code(each.status)
        received = instant(each.received_at, ZoneInfo(each.time_zone))
        tier, holder = humanize_code(each.tier or ""), each.holder or ""
        capacity = humanize_code(each.capacity) + (f" of {each.represents}" if each.represents else "")
        yield each.reference, each.name, capacity, each.case, tier, status, holder, received
