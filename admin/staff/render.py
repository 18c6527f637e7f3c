"""Print the staff directory."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter
from rich.text import Text

from admin.shared.connections import Connections, run
from admin.shared.context import CommandContext
from admin.shared.errors import bad_input
from admin.shared.output import escape_controls, humanize_code, instant, out, print_json
from admin.shared.records import print_facts, print_records
from admin.shared.staff_names import REMEDY
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Policy
from complaints.records import directory
from complaints.records.staff import StaffChange, list_changes
from complaints.runtime.clock import now
from complaints.staff.directory import Directory
from complaints.staff.members import Member


@dataclass(frozen=True)
class MemberFilter:
    """Which members to list; None for any."""

    role: str | None
    lead: str | None
    team: str | None
    on: date | None

    def fits(self, member: Member) -> bool:
        return (
            (self.role is None or self.role in member.roles)
            and (self.lead is None or self.lead in member.leads)
            and (self.team is None or self.team in member.teams)
            and (self.on is None or member.is_available(self.on, self.on))
        )


def print_directory(context: CommandContext, member_filter: MemberFilter, *, as_json: bool) -> None:
    staff_directory = run(_read_directory(Connections(context)))
    if errors := _filter_errors(context.policy(), member_filter, staff_directory):
        raise bad_input(*errors)
    fitting = [member for member in staff_directory.members.values() if member_filter.fits(member)]
    if as_json:
        print(escape_controls(_MEMBERS.dump_json(fitting, indent=2).decode()))
    elif not fitting:
        out.print(
            "There is none."
            if staff_directory.members
            else "The directory is empty; see complaints staff import --help."
        )
    else:
        today = now().astimezone(zone(context.policy().time_zone)).date()
        headings = ["id", "name", "acts as", "leads", "for", "teams", "availability", "holds"]
        rows = (_row(member, staff_directory.holding_counts[member.id], today) for member in fitting)
        print_records("", headings, rows)


def print_member(context: CommandContext, staff: str, *, as_json: bool) -> None:
    staff_directory, changes = run(_read_member(Connections(context), staff))
    if staff not in staff_directory.members:
        raise bad_input(f"ID: {unknown_name(staff, staff_directory.members, REMEDY)}")
    member, held = staff_directory.members[staff], staff_directory.holding_counts[staff]
    if as_json:
        more = {"holds": held, "changes": [change.model_dump(mode="json", exclude={"staff"}) for change in changes]}
        print_json({**member.model_dump(mode="json"), **more})
        return
    time_zone = zone(context.policy().time_zone)
    out.print(Text(member.id, style="bold"))
    print_facts(_facts(member, held))
    rows = ((instant(change.at, time_zone), change.by, line) for change in changes for line in describe_change(change))
    print_records("Changes", ["when", "by", "what"], rows)


def _filter_errors(policy: Policy, member_filter: MemberFilter, staff_directory: Directory) -> list[str]:
    """List the filters that name no step, tier or team, with the nearest names."""
    members = staff_directory.members.values()
    known = {
        "--role": (member_filter.role, [*policy.steps, *(role for member in members for role in member.roles)]),
        "--lead": (member_filter.lead, [*(tier.id for tier in policy.tiers), *(t for m in members for t in m.leads)]),
        "--team": (member_filter.team, [team for member in members for team in member.teams]),
    }
    return [
        f"{option}: {unknown_name(value, dict.fromkeys(names), 'see complaints staff list')}"
        for option, (value, names) in known.items()
        if value is not None and value not in names
    ]


async def _read_directory(connections: Connections) -> Directory:
    async with connections.record() as engine:
        return await directory.read_directory(engine)


async def _read_member(connections: Connections, staff: str) -> tuple[Directory, list[StaffChange]]:
    async with connections.record() as engine:
        return await directory.read_directory(engine), await list_changes(engine, staff)


def _row(member: Member, held: int, today: date) -> tuple[str, ...]:
    steps = (humanize_code(", ".join(each)) for each in (member.roles, member.leads, member.aspects))
    return (member.id, member.name, *steps, ", ".join(member.teams), _availability(member, today), str(held))


def _availability(member: Member, today: date) -> str:
    """Say when a member is not available; empty if they are, and no last day is known."""
    if member.active_from and today < member.active_from:
        return f"from {format_date(member.active_from)}"
    if member.active_until and member.active_until < today:
        return f"left on {format_date(member.active_until)}"
    for absence in member.absences:
        if absence.since <= today <= absence.until:
            return f"away until {format_date(absence.until)}"
    return f"until {format_date(member.active_until)}" if member.active_until else ""


def _facts(member: Member, held: int) -> Iterable[tuple[str, str]]:
    yield "name", member.name
    yield "email", member.email or "as COMPLAINTS_STAFF_DOMAIN says"
    yield "acts as", humanize_code(", ".join(member.roles)) or "none"
    yield "leads", humanize_code(", ".join(member.leads)) or "none"
    yield "for", humanize_code(", ".join(member.aspects)) or "anything"
    if member.teams:
        yield "teams", ", ".join(member.teams)
    if member.active_from:
        yield "from", format_date(member.active_from)
    if member.active_until:
        yield "until", format_date(member.active_until)
    for absence in member.absences:
        yield "away", f"{format_date(absence.since)} to {format_date(absence.until)}"
    yield "holds", plural(held, "open complaint")


def describe_change(change: StaffChange) -> Iterable[str]:
    """Yield a line for each field that changed."""
    for name, (was, became) in change.changed.items():
        if name == "id":
            yield "added"
        elif "id" not in change.changed:
            yield f"{humanize_code(name)}: {_value(was)} -> {_value(became)}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, dict):
        return " to ".join(map(_value, value.values()))
    if isinstance(value, str) and _DAY.fullmatch(value):
        return format_date(date.fromisoformat(value))
    return str(value) if value else "none"


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MEMBERS = TypeAdapter(list[Member])
