"""Change the staff directory. All errors are listed at once, by option, or line and column."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from admin.shared.actor import actor_errors, actor_name, keyed_by
from admin.shared.connections import Connections, run
from admin.shared.context import CommandContext
from admin.shared.dates import read_day
from admin.shared.errors import bad_input
from admin.shared.input_files import name_of
from admin.shared.local_dates import LocalDates
from admin.shared.output import out, print_json, printable
from admin.shared.staff_names import unknown_staff
from admin.staff.render import describe_change
from complaints.formatting.plural import plural
from complaints.procedure.policy import Policy
from complaints.records import directory
from complaints.records.staff import StaffChange, SystemNameError, update_members
from complaints.runtime.clock import now
from complaints.staff.csv_import import InvalidFileError, StaffFile
from complaints.staff.members import InvalidMemberError, Member

OPTION_OF = {
    "id": "ID",
    "name": "--name",
    "email": "--email",
    "roles": "--role",
    "leads": "--lead",
    "aspects": "--aspect",
    "teams": "--team",
    "active_from": "--from",
    "active_until": "--until",
    "absences": "--until",
    "since": "--from",
    "until": "--until",
}
"""The option of each field."""

MakeMembers = Callable[[Mapping[str, Member]], Iterable[Member]]
"""From the members on the record, by id, to the members to write."""


class _UnknownMemberError(Exception):
    """The directory has no such member."""


@dataclass(frozen=True)
class DirectoryEditor:
    """Makes one command's changes to the staff directory. Each method raises CommandError."""

    connections: Connections
    policy: Policy
    by: str | None
    as_json: bool

    @classmethod
    def of(cls, context: CommandContext, by: str | None, *, as_json: bool) -> Self:
        return cls(Connections(context), context.policy(), by, as_json)

    @property
    def dates(self) -> LocalDates:
        return LocalDates.of(self.policy)

    def add(self, staff: str, fields: dict[str, Any]) -> None:
        errors: list[str] = []
        member = self._validate(staff, self._with_days(fields, errors), errors)

        def make_members(members: Mapping[str, Member]) -> Iterable[Member]:
            if staff in members:
                raise bad_input(f"ID: {staff} is in the directory already; use complaints staff change")
            return [member]

        self._print(self._revise([staff], make_members))

    def change(self, staff: str, fields: dict[str, Any]) -> None:
        errors: list[str] = []
        new = self._with_days(fields, errors)
        self._validate(staff, {"name": "…", **new}, errors)
        self._print(self._revise([staff], lambda members: [Member.of(new, self.policy, _member_of(members, staff))]))

    def leave(self, staff: str, on: str | None) -> None:
        errors: list[str] = []
        last = read_day(self.dates, "--on", on, errors) or self.dates.today
        self._validate(staff, {"name": "…"}, errors)
        changes = self._revise(
            [staff], lambda members: [Member.of({"active_until": last}, self.policy, _member_of(members, staff))]
        )
        self._print(changes, then_held_by=staff)

    def absent(self, staff: str, since: str | None, until: str | None, *, cancel: bool) -> None:
        errors: list[str] = []
        first = read_day(self.dates, "--from", since, errors) or self.dates.today
        last = read_day(self.dates, "--until", until, errors) or first
        days = {"since": first, "until": first if errors else last}
        absence = self._validate(staff, {"name": "…", "absences": [days]}, errors).absences[0]

        def make_members(members: Mapping[str, Member]) -> Iterable[Member]:
            absences = _member_of(members, staff).absences
            if not cancel:
                return [Member.of({"absences": (*absences, absence)}, self.policy, members[staff])]
            if absence not in absences:
                raise bad_input(f"--cancel: {staff} has no such absence; see complaints staff show {staff}")
            return [Member.of({"absences": set(absences) - {absence}}, self.policy, members[staff])]

        changes = self._revise([staff], make_members)
        self._print(changes, then_held_by=None if cancel else staff)

    def import_csv(self, file: str, text: str) -> None:
        try:
            staff_file = StaffFile.read(text, self.policy)
            changes = self._revise(staff_file.ids, staff_file.members)
        except InvalidFileError as error:
            raise bad_input(*(f"{name_of(file)}: {line}" for line in error.errors)) from error
        self._print(changes, of=len(staff_file.rows))

    def _with_days(self, fields: dict[str, Any], errors: list[str]) -> dict[str, Any]:
        """Read the first and the last day from what was typed."""
        typed = {name: fields[name] for name in ("active_from", "active_until") if fields.get(name)}
        days = {name: read_day(self.dates, OPTION_OF[name], text, errors) for name, text in typed.items()}
        return {**fields, **days}

    def _validate(self, staff: str, fields: dict[str, Any], date_errors: list[str]) -> Member:
        """Validate before any server is called; `date_errors` are those of the dates."""
        errors = actor_errors(actor_name(self.by, or_login=True))
        try:
            member = Member.of({"id": staff, **fields}, self.policy)
        except InvalidMemberError as error:
            errors += _as_options(error.errors, OPTION_OF)
        errors += date_errors
        if errors:
            raise bad_input(*errors)
        return member

    def _revise(self, ids: Collection[str], make_members: MakeMembers) -> list[StaffChange]:
        by = keyed_by(self.by)

        async def write() -> list[StaffChange]:
            async with self.connections.record() as engine:
                return await update_members(engine, ids, make_members, at=now(), by=by)

        try:
            return run(write())
        except _UnknownMemberError as error:
            raise run(unknown_staff(self.connections, "ID", str(error))) from error
        except InvalidMemberError as error:
            raise bad_input(*_as_options(error.errors, OPTION_OF)) from error
        except SystemNameError as error:
            raise bad_input(f"ID: {error}") from error

    def _print(self, changes: list[StaffChange], *, of: int = 1, then_held_by: str | None = None) -> None:
        if self.as_json:
            print_json(
                {"changes": [change.model_dump(mode="json") for change in changes], "unchanged": of - len(changes)}
            )
            return
        for change in changes:
            for line in describe_change(change):
                out.print(printable(f"{change.staff}: {line}"))
        if of > len(changes):
            out.print(f"{of - len(changes)} of {of}: nothing to change" if of > 1 else "Nothing to change.")
        if then_held_by:
            self._print_held(then_held_by)

    def _print_held(self, staff: str) -> None:
        """Print how many complaints a member of staff holds, and the command that reassigns them."""

        async def count_held() -> int:
            async with self.connections.record() as engine:
                return (await directory.read_directory(engine)).holding_counts.get(staff, 0)

        if number := run(count_held()):
            out.print(
                f"{staff} holds {plural(number, 'open complaint')}. To give them to others:\n"
                f"    complaints reassign --all-of {staff} --reason TEXT"
            )


def _member_of(members: Mapping[str, Member], staff: str) -> Member:
    if staff not in members:
        raise _UnknownMemberError(staff)
    return members[staff]


def _as_options(errors: Iterable[str], options: Mapping[str, str]) -> list[str]:
    lines = (error.partition(": ") for error in errors)
    return [f"{options.get(_last_name(place), place)}: {text}" for place, _, text in lines]


def _last_name(place: str) -> str:
    """Return the last field: `since` of `absences[1].since`, `roles` of `roles[2]`."""
    return place.rpartition(".")[2].partition("[")[0]
