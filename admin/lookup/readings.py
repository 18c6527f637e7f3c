"""Print who read people's words in a complaint."""

from zoneinfo import ZoneInfo

from admin.lookup.values import at, day
from admin.shared.api import Api
from admin.shared.json_stream import print_json_array
from admin.shared.output import instant, out
from admin.shared.records import print_records
from complaints.procedure.dates.date_format import format_date

COLUMNS = ["who", "day", "times", "first", "last"]


def print_readings(reference: str, staff: str | None, *, as_json: bool) -> None:
    """Print the readings of a complaint's words, newest day first. Raises CommandError."""
    with Api(staff) as api:
        readings = api.get(f"/complaints/{reference}/readings")
        local = ZoneInfo(api.get("/clock")["time_zone"]) if readings and not as_json else None
    if as_json:
        print_json_array(readings)
    elif local:
        rows = (
            (
                each["staff"],
                format_date(day(each["day"])),
                str(each["times"]),
                *(instant(at(each[name]), local) for name in ("first_at", "last_at")),
            )
            for each in readings
        )
        print_records("", COLUMNS, rows)
    else:
        out.print("Nobody has read them.")
