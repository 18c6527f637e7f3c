"""Confirm members of staff and systems after the record was restored to an older state."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import humanize_code
from complaints.records.directory import read_members
from complaints.records.restores.marks import Kind, confirm, list_unconfirmed
from complaints.records.systems import list_systems
from complaints.runtime.clock import now

NOBODY = "Everybody is confirmed: nobody has to be since the last restore of the record."


class UnknownNamesError(Exception):
    """Somebody is named who is not to be confirmed. The message has a line for each."""


async def confirm_access(
    engine: AsyncEngine,
    kind: Kind,
    names: Sequence[str],
    by: str,
    *,
    everybody: bool,
    ask: Callable[[Sequence[str]], bool],
    report: Callable[[str], None],
) -> bool:
    """Show who is unconfirmed; confirm those that are named, or everybody.

    `ask` shows the lines, and returns whether to go on. Return whether nobody was left out for a no.
    Raises UnknownNamesError.
    """
    described = await _DESCRIBERS[kind](engine)
    unconfirmed = {name: described.get(name, name) for name in await list_unconfirmed(engine, kind)}
    if unknown := [name for name in names if name not in unconfirmed]:
        lines = (f"NAME: {unknown_name(name, unconfirmed, 'it is not to be confirmed')}" for name in unknown)
        raise UnknownNamesError("\n".join(lines))
    if not everybody and not names:
        for line in unconfirmed.values():
            report(line)
        number = len(unconfirmed)
        command = f"python -m worker confirm {kind} --all"
        report(f"{plural(number, 'is', 'are')} refused. To confirm all: {command}" if number else NOBODY)
        return True
    chosen = list(unconfirmed) if everybody else list(names)
    if chosen and not ask([unconfirmed[name] for name in chosen]):
        return False
    confirmed = await confirm(engine, kind, chosen, by, now())
    report(f"Confirmed: {', '.join(confirmed)}." if confirmed else NOBODY)
    return True


def ask_on_terminal(lines: Sequence[str]) -> bool:
    """Show the lines on a terminal, and return whether the answer is yes; without one, True."""
    if not sys.stdin.isatty():
        return True
    for line in lines:
        print(line, file=sys.stderr)
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


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
