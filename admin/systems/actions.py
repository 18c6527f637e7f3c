"""Add and revoke systems and their keys.

A key is printed once; the record has only its digest.
"""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from admin.shared.connections import Connections
from admin.shared.errors import bad_input
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, instant, out, print_json
from admin.shared.records import print_records
from complaints.api_keys import ApiKey, Scope
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
from complaints.records import refused_requests
from complaints.records import systems as record
from complaints.records.systems import System, SystemRefusedError
from complaints.runtime.clock import now


async def add_system(connections: Connections, name: str, scopes: list[Scope], by: str, *, as_json: bool) -> None:
    key = ApiKey.new()
    await _change(
        connections, name, lambda engine: record.add_system(engine, name, scopes, by, now(), key), is_new=True
    )
    _print_key(name, key, as_json)


async def rotate_key(connections: Connections, name: str, overlap: int, by: str, *, as_json: bool) -> None:
    key, at = ApiKey.new(), now()
    old_until = at + timedelta(hours=overlap)
    await _change(connections, name, lambda engine: record.rotate_key(engine, name, by, at, key, old_until))
    until = instant(old_until, _zone(connections))
    _print_key(name, key, as_json, f"The old one is valid until {until}." if overlap else "")


async def revoke_system(connections: Connections, name: str, by: str, *, as_json: bool) -> None:
    await _change(connections, name, lambda engine: record.revoke_system(engine, name, by, now()))
    if as_json:
        print_json({"system": name, "revoked": True})
    else:
        out.print(f"{name}: revoked. The intake service refuses it within seconds.")


async def list_systems(connections: Connections, *, as_json: bool) -> None:
    async with connections.record() as engine:
        systems = await record.list_systems(engine)
    if as_json:
        print_json_array([_without_digests(system) for system in systems])
    elif systems:
        rows = [row for system in systems for row in _rows(system, _zone(connections))]
        print_records("", ["system", "scopes", "key", "made", "last used", "status"], rows)
    else:
        out.print("There is none.")


async def list_refusals(connections: Connections, days: int, *, as_json: bool) -> None:
    async with connections.record() as engine:
        refused = await refused_requests.list_since(engine, now().date() - timedelta(days=days - 1))
    if as_json:
        print_json_array(refused)
    elif refused:
        rows = ((format_date(r.day), r.system, r.request, humanize_code(r.reason), f"{r.times:,}") for r in refused)
        print_records("", ["day", "system", "request", "why", "times"], rows)
    else:
        out.print("There is none.")


async def _change(
    connections: Connections,
    name: str,
    change: Callable[[AsyncEngine], Coroutine[Any, Any, None]],
    *,
    is_new: bool = False,
) -> None:
    """Change one system. Raises CommandError, with the nearest name for an unknown system."""
    async with connections.record() as engine:
        try:
            await change(engine)
        except SystemRefusedError as error:
            known = [] if is_new else [system.name for system in await record.list_systems(engine)]
            is_known = is_new or name in known
            reason = str(error) if is_known else unknown_name(name, known, "see complaints systems list")
            raise bad_input(f"NAME: {reason}") from error


def _zone(connections: Connections) -> ZoneInfo:
    return zone(connections.context.policy().time_zone)


def _print_key(name: str, key: ApiKey, as_json: bool, more: str = "") -> None:
    if as_json:
        print_json({"system": name, "key": str(key)})
        return
    out.print(f"{name} has a new key. It is shown only once, and gives every right of {name}. {more}".rstrip())
    print(key)


def _without_digests(system: System) -> dict[str, Any]:
    return system.model_dump(mode="json", exclude={"keys": {"__all__": {"digest"}}})


def _rows(system: System, local: ZoneInfo) -> list[tuple[str, ...]]:
    scopes = ", ".join(system.scopes)
    rows: list[tuple[str, ...]] = []
    for key in system.keys:
        status = f"ends {instant(key.ends_at, local)}" if key.ends_at else ""
        if system.revoked_at:
            status = f"revoked {instant(system.revoked_at, local)}"
        rows.append(
            (system.name, scopes, key.id, instant(key.made_at, local), instant(key.last_used_at, local), status)
        )
    return rows
