"""Confirm members of staff and systems after the record was restored to an older state."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from admin.shared.ask import ask, nothing_done, stdin_is_terminal
from admin.shared.connections import Connections, run
from admin.shared.errors import bad_input
from admin.shared.output import humanize_code, out, print_json, printable
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.date_format import format_date
from complaints.records.directory import read_members
from complaints.records.restores.marks import Kind, confirm, list_unconfirmed
from complaints.records.systems import list_systems
from complaints.runtime.clock import now

NOBODY = "Everybody is confirmed: nobody has to be since the last restore of the record."


def confirm_access(
    connections: Connections, kind: Kind, names: Sequence[str], by: str, *, everybody: bool, yes: bool, as_json: bool
) -> None:
    """Show who is unconfirmed; confirm those that are named, or everybody. Raises CommandError."""
    descriptions = run(_describe_unconfirmed(connections, kind))
    argument = "ID" if kind == "staff" else "NAME"
    errors = [
        f"{argument}: {unknown_name(name, descriptions, 'it is not to be confirmed')}"
        for name in names
        if name not in descriptions
    ]
    if errors:
        raise bad_input(*errors)
    chosen = list(descriptions) if everybody or not names else list(names)
    lines = [descriptions[name] for name in chosen]
    if not everybody and not names:
        _print_unconfirmed(kind, chosen, lines, as_json=as_json)
        return
    if chosen and stdin_is_terminal() and not yes and not ask(lines):
        raise nothing_done()
    confirmed = run(_confirm(connections, kind, chosen, by))
    if as_json:
        print_json({"confirmed": confirmed})
    else:
        out.print(printable(f"Confirmed: {', '.join(confirmed)}." if confirmed else NOBODY))


def _print_unconfirmed(kind: Kind, names: list[str], lines: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"unconfirmed": names})
    elif names:
        for line in lines:
            out.print(printable(line))
        group = "staff" if kind == "staff" else "systems"
        out.print(f"{plural(len(names), 'is', 'are')} refused. To confirm all: complaints {group} confirm --all")
    else:
        out.print(NOBODY)


async def _describe_unconfirmed(connections: Connections, kind: Kind) -> dict[str, str]:
    async with connections.record() as engine:
        described = await _DESCRIBERS[kind](engine)
        return {name: described.get(name, name) for name in await list_unconfirmed(engine, kind)}


async def _confirm(connections: Connections, kind: Kind, names: list[str], by: str) -> list[str]:
    async with connections.record() as engine:
        return list(await confirm(engine, kind, names, by, now()))


async def _describe_staff(engine: AsyncEngine) -> dict[str, str]:
    described = {}
    for member in (await read_members(engine)).values():
        acts_as = humanize_code(", ".join(member.roles)) or "none"
        leads = humanize_code(", ".join(member.leads)) or "none"
        until = f", until {format_date(member.active_until)}" if member.active_until else ""
        described[member.id] = f"{member.id}: {member.name}, acts as {acts_as}, leads {leads}{until}"
    return described


async def _describe_systems(engine: AsyncEngine) -> dict[str, str]:
    described = {}
    for system in await list_systems(engine):
        keys = ", ".join(f"{key.id} of {format_date(key.made_at.date())}" for key in system.keys)
        described[system.name] = f"{system.name}: {', '.join(system.scopes)}; keys {keys}"
    return described


_DESCRIBERS: Mapping[Kind, Callable[[AsyncEngine], Awaitable[dict[str, str]]]] = {
    "staff": _describe_staff,
    "system": _describe_systems,
}
