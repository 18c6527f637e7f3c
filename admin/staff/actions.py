"""Changing the staff directory; every mistake is told at once, by its option or its line and column."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from admin.shared.actor import acting, actor_errors, keyed_by
from admin.shared.connections import Connections, run
from admin.shared.context import CommandContext
from admin.shared.errors import bad_input
from admin.shared.input_files import name_of
from admin.shared.output import out, print_json, printable
from admin.staff.render import said
from complaints.formatting.plural import plural
from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.records import directory
from complaints.records.staff import StaffChange, SystemsNameError, revise
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
"""By the field's name."""

Wanted = Callable[[Mapping[str, Member]], Iterable[Member]]


@dataclass(frozen=True)
class Staffing:
    """What one command does to the directory of one policy. Each raises CommandError."""

    reach: Connections
    policy: Policy
    by: str | None
    as_json: bool

    @classmethod
    def of(cls, surroundings: CommandContext, by: str | None, *, as_json: bool) -> Self:
        return cls(Connections(surroundings), surroundings.policy(), by, as_json)

    @property
    def today(self) -> date:
        return now().astimezone(zone(self.policy.time_zone)).date()

    def add(self, staff: str, fields: dict[str, Any]) -> None:
        member = self._checked(staff, fields)

        def wanted(known: Mapping[str, Member]) -> Iterable[Member]:
            if staff in known:
                raise bad_input(f"ID: {staff} is in the directory; use complaints staff change")
            return [member]

        self._print(self._revise([staff], wanted))

    def change(self, staff: str, fields: dict[str, Any]) -> None:
        self._checked(staff, {"name": "…", **fields})
        self._print(self._revise([staff], lambda known: [Member.of(fields, self.policy, _known(known, staff))]))

    def leave(self, staff: str, on: str | None) -> None:
        self._checked(staff, {"name": "…", "active_until": on}, active_until="--on")
        last = on or self.today
        changes = self._revise(
            [staff], lambda known: [Member.of({"active_until": last}, self.policy, _known(known, staff))]
        )
        self._print(changes, then_held_by=staff)

    def absent(self, staff: str, since: str | None, until: str | None, *, cancel: bool) -> None:
        first = since or str(self.today)
        given = {"since": first, "until": until or first}
        absence = self._checked(staff, {"name": "…", "absences": [given]}).absences[0]

        def wanted(known: Mapping[str, Member]) -> Iterable[Member]:
            absences = _known(known, staff).absences
            if not cancel:
                return [Member.of({"absences": (*absences, absence)}, self.policy, known[staff])]
            if absence not in absences:
                raise bad_input(f"--cancel: {staff} has no such absence; see complaints staff show {staff}")
            return [Member.of({"absences": set(absences) - {absence}}, self.policy, known[staff])]

        changes = self._revise([staff], wanted)
        self._print(changes, then_held_by=None if cancel else staff)

    def import_csv(self, file: str, text: str) -> None:
        try:
            read = StaffFile.read(text, self.policy)
            changes = self._revise(read.ids, read.members)
        except InvalidFileError as error:
            raise bad_input(*(f"{name_of(file)}: {mistake}" for mistake in error.errors)) from error
        self._print(changes, of=len(read.rows))

    def _checked(self, staff: str, fields: dict[str, Any], **options: str) -> Member:
        """Before anything is reached for. `options` are those that are called otherwise here."""
        errors = actor_errors(acting(self.by, or_login=True))
        try:
            member = Member.of({"id": staff, **fields}, self.policy)
        except InvalidMemberError as error:
            errors += _as_options(error.errors, {**OPTION_OF, **options})
        if errors:
            raise bad_input(*errors)
        return member

    def _revise(self, ids: Collection[str], wanted: Wanted) -> list[StaffChange]:
        by = keyed_by(self.by)

        async def revised() -> list[StaffChange]:
            async with self.reach.record() as engine:
                return await revise(engine, ids, wanted, at=now(), by=by)

        try:
            return run(revised())
        except InvalidMemberError as error:
            raise bad_input(*_as_options(error.errors, OPTION_OF)) from error
        except SystemsNameError as error:
            raise bad_input(f"ID: {error}") from error

    def _print(self, changes: list[StaffChange], *, of: int = 1, then_held_by: str | None = None) -> None:
        if self.as_json:
            print_json(
                {"changes": [change.model_dump(mode="json") for change in changes], "unchanged": of - len(changes)}
            )
            return
        for change in changes:
            for what in said(change):
                out.print(printable(f"{change.staff}: {what}"))
        if of > len(changes):
            out.print(f"{of - len(changes)} of {of}: nothing to change" if of > 1 else "Nothing to change.")
        if then_held_by:
            self._print_held(then_held_by)

    def _print_held(self, staff: str) -> None:
        """What is left to do for whoever goes."""

        async def held() -> int:
            async with self.reach.record() as engine:
                return (await directory.whole(engine)).held.get(staff, 0)

        if number := run(held()):
            out.print(
                f"{staff} holds {plural(number, 'open complaint')}. To give them to others:\n"
                f"    complaints reassign --all-of {staff} --reason TEXT"
            )


def _known(known: Mapping[str, Member], staff: str) -> Member:
    """Raises CommandError."""
    if staff not in known:
        raise bad_input(f"ID: there is no {staff} in the directory; see complaints staff list")
    return known[staff]


def _as_options(errors: Iterable[str], options: Mapping[str, str]) -> list[str]:
    lines = (mistake.partition(": ") for mistake in errors)
    return [f"{options.get(_last_name(place), place)}: {what}" for place, _, what in lines]


def _last_name(place: str) -> str:
    """`absences[1].since` is `since`, `roles[2]` is `roles`."""
    return place.rpartition(".")[2].partition("[")[0]
