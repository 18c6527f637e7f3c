"""Gives systems their keys and takes them away. A key is printed once; the record has only its digest."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from admin.shared.connections import Connections
from admin.shared.errors import bad_input
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, instant, out, print_json, table
from complaints.api_keys import ApiKey, Scope
from complaints.records import refused_requests
from complaints.records import systems as record
from complaints.records.systems import System, SystemRefusedError
from complaints.runtime.clock import now

UTC = ZoneInfo("UTC")


async def add_system(reach: Connections, name: str, scopes: list[Scope], by: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    key = ApiKey.new()
    await _change(reach, lambda engine: record.add(engine, name, scopes, by, now(), key))
    _print_key(name, key, as_json)


async def rotate_key(reach: Connections, name: str, overlap: int, by: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    key, at = ApiKey.new(), now()
    old_until = at + timedelta(hours=overlap)
    await _change(reach, lambda engine: record.rotate(engine, name, by, at, key, old_until))
    _print_key(name, key, as_json, f"The old one holds until {instant(old_until, UTC)} UTC." if overlap else "")


async def revoke_system(reach: Connections, name: str, by: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    await _change(reach, lambda engine: record.revoke(engine, name, by, now()))
    if as_json:
        print_json({"system": name, "revoked": True})
    else:
        out.print(f"{name}: revoked. A service that reaches the record refuses it within seconds.")


async def list_systems(reach: Connections, *, as_json: bool) -> None:
    """Raises CommandError."""
    async with reach.record() as engine:
        systems = await record.all_systems(engine)
    if as_json:
        print_json_array([_shown(system) for system in systems])
    elif systems:
        rows = [row for system in systems for row in _rows(system)]
        out.print(table("", ["system", "may", "key", "made", "last used", ""], rows))
        out.print("Times are UTC.", style="dim")
    else:
        out.print("There is none.")


async def list_refusals(reach: Connections, days: int, *, as_json: bool) -> None:
    """Raises CommandError."""
    async with reach.record() as engine:
        refused = await refused_requests.since(engine, now().date() - timedelta(days=days - 1))
    if as_json:
        print_json_array(refused)
    elif refused:
        rows = ((str(r.day), r.system, r.request, humanize_code(r.reason), f"{r.times:,}") for r in refused)
        out.print(table("", ["day", "system", "request", "why", "times"], rows))
    else:
        out.print("There is none.")


async def _change(reach: Connections, change: Callable[[AsyncEngine], Coroutine[Any, Any, None]]) -> None:
    try:
        async with reach.record() as engine:
            await change(engine)
    except SystemRefusedError as error:
        raise bad_input(f"NAME: {error}") from error


def _print_key(name: str, key: ApiKey, as_json: bool, more: str = "") -> None:
    if as_json:
        print_json({"system": name, "key": str(key)})
        return
    out.print(f"{name} has a new key. It is shown this once; who has it may act as {name}. {more}".rstrip())
    print(key)


def _shown(system: System) -> dict[str, Any]:
    return system.model_dump(mode="json", exclude={"keys": {"__all__": {"digest"}}})


def _rows(system: System) -> list[tuple[str, ...]]:
    may = ", ".join(system.scopes)
    rows: list[tuple[str, ...]] = []
    for key in system.keys:
        fate = f"ends {instant(key.ends_at, UTC)}" if key.ends_at else ""
        if system.revoked_at:
            fate = f"revoked {instant(system.revoked_at, UTC)}"
        rows.append((system.name, may, key.id, instant(key.made_at, UTC), instant(key.last_used_at, UTC), fate))
    return rows
