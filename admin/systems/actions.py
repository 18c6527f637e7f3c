"""Add, rotate and revoke systems through the HTTP service, and print them.

A key is printed once; the record has only its digest.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from admin.shared.api import Api
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, instant, out, print_json
from admin.shared.records import print_records
from admin.shared.typed_dates import given
from complaints.procedure.dates.date_format import format_date

FIELDS: Mapping[str, str] = MappingProxyType(
    {"name": "NAME", "scopes": "--scope", "overlap_hours": "--overlap", "days": "--days"}
)
"""The argument or option of each field of the service."""


def add_system(name: str, scopes: list[str], by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        _print_key(api.post("/systems", json=given(name=name, scopes=scopes or None)), as_json=as_json)


def rotate_key(name: str, overlap: int, by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        key = api.post(f"/systems/{quote(name, safe='')}/keys", json={"overlap_hours": overlap})
        until = instant(datetime.fromisoformat(key["others_end_at"]), _zone(api)) if overlap and not as_json else ""
    _print_key(key, as_json=as_json, more=f"The old one is valid until {until}." if until else "")


def revoke_system(name: str, by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        revoked = api.delete(f"/systems/{quote(name, safe='')}")
    if as_json:
        print_json(revoked)
    else:
        out.print(f"{name}: revoked. The service refuses it within seconds.")


def list_systems(by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        systems = api.get("/systems")
        zone = _zone(api) if systems and not as_json else ZoneInfo("UTC")
    if as_json:
        print_json_array(systems)
    elif systems:
        rows = [row for system in systems for row in _rows(system, zone)]
        print_records("", ["system", "scopes", "key", "made", "last used", "status"], rows)
    else:
        out.print("There is none.")


def list_refusals(days: int, by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        refused = api.get("/refused-requests", days=days)
    if as_json:
        print_json_array(refused)
    elif refused:
        rows = (
            (
                format_date(date.fromisoformat(each["day"])),
                each["system"],
                each["request"],
                humanize_code(each["reason"]),
                f"{each['times']:,}",
            )
            for each in refused
        )
        print_records("", ["day", "system", "request", "why", "times"], rows)
    else:
        out.print("There is none.")


def _zone(api: Api) -> ZoneInfo:
    return ZoneInfo(api.get("/clock")["time_zone"])


def _print_key(key: Mapping[str, Any], *, as_json: bool, more: str = "") -> None:
    name = key["system"]
    if as_json:
        print_json({"system": name, "key": key["key"]})
        return
    out.print(f"{name} has a new key. It is shown only once, and gives every right of {name}. {more}".rstrip())
    print(key["key"])


def _rows(system: Mapping[str, Any], zone: ZoneInfo) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for key in system["keys"]:
        status = f"ends {_local(key['ends_at'], zone)}" if key["ends_at"] else ""
        if system["revoked_at"]:
            status = f"revoked {_local(system['revoked_at'], zone)}"
        made, used = _local(key["made_at"], zone), _local(key["last_used_at"], zone)
        rows.append((system["name"], ", ".join(system["scopes"]), key["id"], made, used, status))
    return rows


def _local(text: str | None, zone: ZoneInfo) -> str:
    return instant(datetime.fromisoformat(text) if text else None, zone)
