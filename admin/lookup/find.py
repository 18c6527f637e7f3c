"""Find complaints by name, email, case or reference."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from admin.lookup.values import Json, at
from admin.shared.api import Api
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, instant, out
from admin.shared.records import print_note, print_records
from complaints.formatting.plural import plural

COLUMNS = ["reference", "name", "capacity", "case", "tier", "status", "holder", "received"]
FIELDS = {"text": "TEXT", "limit": "--limit"}


def print_found(text: str, staff: str | None, limit: int, *, as_json: bool) -> None:
    """Print the complaints that match a text. Raises CommandError."""
    with Api(staff, FIELDS) as api:
        found = api.post("/search", {"text": text, "limit": limit})
    if as_json:
        print_json_array(found)
    elif found:
        print_records("", COLUMNS, _rows(found))
        most = "; there may be more: raise --limit" if len(found) == limit else ""
        print_note(f"{plural(len(found), 'complaint')}{most}.")
    else:
        out.print("There is none.")


def _rows(found: Iterable[Json]) -> Iterable[tuple[str, ...]]:
    for each in found:
        reason = each["closing_reason"]
        status = f"closed: {humanize_code(reason)}" if reason else humanize_code(each["status"])
        received = instant(at(each["received_at"]), ZoneInfo(each["time_zone"]))
        tier, holder = humanize_code(each["tier"] or ""), each["holder"] or ""
        capacity = humanize_code(each["capacity"]) + (f" of {each['represents']}" if each["represents"] else "")
        yield each["reference"], each["name"], capacity, each["case"], tier, status, holder, received
