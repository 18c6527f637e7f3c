"""The staff directory: list, show, add, change and import members; who may do that (R11)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from pydantic import RootModel
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import zone
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.policy import Policy
from complaints.records import directory
from complaints.records.staff import StaffChange, SystemNameError, list_changes, update_members
from complaints.runtime.clock import now
from complaints.staff.csv_import import InvalidFileError, StaffFile
from complaints.staff.directory import Directory
from complaints.staff.members import Absence, InvalidMemberError, Member
from starter.api.problems import ProblemError, invalid_fields
from starter.service.models import AnswerModel

OWN_FIELDS = frozenset({"absences"})
"""What members may change of their own entry."""
MakeMembers = Callable[[Mapping[str, Member]], Iterable[Member]]
"""From the members on the record, by id, to the members to write."""


class Availability(StrEnum):
    """Whether somebody is at work today."""

    AVAILABLE = "available"
    NOT_YET = "not_yet"
    AWAY = "away"
    LEFT = "left"


class MemberListing(Member):
    """A member of staff, with how many open complaints they hold."""

    holds: int
    availability: Availability
    availability_day: date | None
    """Their first day, the last day of their absence, or their last day; empty if none is known."""


class MemberList(RootModel[list[MemberListing]]):
    """Members of staff, by id."""


class MemberDetails(Member):
    """A member of staff, with each change of their entry."""

    holds: int
    """How many open complaints they hold."""
    changes: list[StaffChange]
    """Oldest first."""


class DirectoryChanges(AnswerModel):
    """What a request changed."""

    changes: list[StaffChange]
    unchanged: int
    """How many members were given that are as they were."""
    holds: int | None = None
    """How many open complaints somebody holds who leaves or is away."""


@dataclass(frozen=True)
class MemberFilter:
    """Which members to list; None for any."""

    role: str | None = None
    lead: str | None = None
    team: str | None = None
    on: date | None = None
    """A day on which they are available."""

    def fits(self, member: Member) -> bool:
        return (
            (self.role is None or self.role in member.roles)
            and (self.lead is None or self.lead in member.leads)
            and (self.team is None or self.team in member.teams)
            and (self.on is None or member.is_available(self.on, self.on))
        )


@dataclass(frozen=True)
class StaffDirectory:
    """Reads and changes the directory. `by` is the member of staff who asks.

    Raises ProblemError, RecordUnreachableError.
    """

    engine: AsyncEngine
    policy: Policy

    @property
    def today(self) -> date:
        return now().astimezone(zone(self.policy.time_zone)).date()

    async def list(self, member_filter: MemberFilter) -> MemberList:
        found = await directory.read_directory(self.engine)
        if errors := _filter_errors(self.policy, member_filter, found):
            raise invalid_fields(errors)
        return MemberList(
            [self._listing(each, found) for each in found.members.values() if member_filter.fits(each)],
        )

    async def show(self, staff: str) -> MemberDetails:
        found = await directory.read_directory(self.engine)
        if staff not in found.members:
            raise unknown_member(staff, found.members)
        changes = await list_changes(self.engine, staff)
        fields = found.members[staff].model_dump()
        return MemberDetails(**fields, holds=found.holding_counts.get(staff, 0), changes=changes)

    async def add(self, fields: Mapping[str, Any], by: Member) -> DirectoryChanges:
        member = self._validate(fields)

        def make_members(members: Mapping[str, Member]) -> Iterable[Member]:
            if member.id in members:
                raise invalid_fields([f"id: {member.id} is in the directory already; change that entry"])
            return [member]

        return await self._revise([member.id], make_members, by)

    async def change(self, staff: str, fields: Mapping[str, Any], by: Member) -> DirectoryChanges:
        """Replace the fields that are given."""
        if "id" in fields:
            raise invalid_fields(["id: never changes; leave it out"])
        if not fields:
            raise invalid_fields(["nothing to change; give at least one field"])
        self._validate({"id": staff, "name": staff, **fields})
        return await self._revise(
            [staff], lambda members: [Member.of(fields, self.policy, _member_of(members, staff))], by
        )

    async def leave(self, staff: str, on: date | None, by: Member) -> DirectoryChanges:
        """Set the last day; None: today."""
        last = {"active_until": on or self.today}
        changes = await self._revise(
            [staff], lambda members: [Member.of(last, self.policy, _member_of(members, staff))], by
        )
        return changes.model_copy(update={"holds": await self._held(staff)})

    async def add_absence(self, staff: str, absence: Absence, by: Member) -> DirectoryChanges:
        def make_members(members: Mapping[str, Member]) -> Iterable[Member]:
            member = self._member_for_absences(members, staff, by)
            return [Member.of({"absences": (*member.absences, absence)}, self.policy, member)]

        changes = await self._revise([staff], make_members, by)
        return changes.model_copy(update={"holds": await self._held(staff)})

    async def cancel_absence(self, staff: str, absence: Absence, by: Member) -> DirectoryChanges:
        def make_members(members: Mapping[str, Member]) -> Iterable[Member]:
            member = self._member_for_absences(members, staff, by)
            if absence not in member.absences:
                raise invalid_fields([f"cancel: {staff} has no such absence"])
            return [Member.of({"absences": set(member.absences) - {absence}}, self.policy, member)]

        return await self._revise([staff], make_members, by)

    async def import_csv(self, text: str, by: Member) -> DirectoryChanges:
        """Add or change every member of a file, or none of them."""
        try:
            staff_file = StaffFile.read(text, self.policy)
            changes = await self._revise(staff_file.ids, staff_file.members, by)
        except InvalidFileError as error:
            raise invalid_fields(error.errors) from None
        return changes.model_copy(update={"unchanged": len(staff_file.rows) - len(changes.changes)})

    def absence(self, since: date | None, until: date | None) -> Absence:
        """Make an absence; its first day is today if none is given, and its last day the first."""
        first = since or self.today
        last = until or first
        if last < first:
            raise invalid_fields(["until: the last day is before the first; give the first day first"])
        return Absence(since=first, until=last)

    def _validate(self, fields: Mapping[str, Any]) -> Member:
        try:
            return Member.of(fields, self.policy)
        except InvalidMemberError as error:
            raise invalid_fields(error.errors) from None

    def _member_for_absences(self, members: Mapping[str, Member], staff: str, by: Member) -> Member:
        """Return the member, if `by` may enter their absences. Raises ProblemError."""
        member = _member_of(members, staff)
        if not may_enter_absences(by, member, self.policy):
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "no_such_right",
                f"Only {staff}, the lead of their tier, or an administrator enters an absence of {staff}.",
            )
        return member

    async def _revise(self, ids: Collection[str], make_members: MakeMembers, by: Member) -> DirectoryChanges:
        def make(members: Mapping[str, Member]) -> Iterable[Member]:
            made = list(make_members(members))
            _refuse_own_entry(by, members, made)
            return made

        try:
            changes = await update_members(self.engine, ids, make, at=now(), by=by.id)
        except _UnknownMemberError as error:
            raise unknown_member(str(error), await directory.read_members(self.engine)) from None
        except InvalidMemberError as error:
            raise invalid_fields(error.errors) from None
        except SystemNameError as error:
            raise invalid_fields([f"id: {error}"]) from None
        return DirectoryChanges(changes=changes, unchanged=len(ids) - len(changes))

    async def _held(self, staff: str) -> int:
        return (await directory.read_directory(self.engine)).holding_counts.get(staff, 0)

    def _listing(self, member: Member, found: Directory) -> MemberListing:
        availability, day = _availability(member, self.today)
        return MemberListing(
            **member.model_dump(),
            holds=found.holding_counts.get(member.id, 0),
            availability=availability,
            availability_day=day,
        )


def may_enter_absences(by: Member, member: Member, policy: Policy) -> bool:
    """Return whether `by` is the member, an administrator, or the lead of their tier.

    Case handlers have the first tier's lead, who answers for their step.
    """
    of_case_handlers = policy.case_handler and policy.case_handler.id in member.roles
    tiers = {*member.roles, *member.leads} | ({policy.tiers[0].id} if of_case_handlers else set())
    return by.id == member.id or OfficeRole.ADMINISTRATOR in by.roles or bool(tiers.intersection(by.leads))


def unknown_member(staff: str, known: Iterable[str]) -> ProblemError:
    reason = unknown_name(staff, known, "see complaints staff list")
    return ProblemError(HTTPStatus.NOT_FOUND, "no_such_member", "No member has this id.", errors=[f"id: {reason}"])


class _UnknownMemberError(Exception):
    """The directory has no such member."""


def _member_of(members: Mapping[str, Member], staff: str) -> Member:
    if staff not in members:
        raise _UnknownMemberError(staff)
    return members[staff]


def _refuse_own_entry(by: Member, before: Mapping[str, Member], after: Iterable[Member]) -> None:
    """Refuse a change of the own entry; nobody gives themselves a role, or a longer stay."""
    for member in after:
        own = before.get(member.id) if member.id == by.id else None
        if own and own.model_dump(exclude=set(OWN_FIELDS)) != member.model_dump(exclude=set(OWN_FIELDS)):
            raise ProblemError(
                HTTPStatus.FORBIDDEN, "own_entry", f"{by.id} cannot change their own entry; another administrator can."
            )


def _filter_errors(policy: Policy, member_filter: MemberFilter, found: Directory) -> Iterable[str]:
    """List the filters that name no role, tier or team, with the nearest names."""
    members = found.members.values()
    roles = [*policy.steps, *OfficeRole, *(role for member in members for role in member.roles)]
    known = {
        "role": (member_filter.role, roles),
        "lead": (member_filter.lead, [*(tier.id for tier in policy.tiers), *(t for m in members for t in m.leads)]),
        "team": (member_filter.team, [team for member in members for team in member.teams]),
    }
    return [
        f"{name}: {unknown_name(value, dict.fromkeys(names), 'see complaints staff list')}"
        for name, (value, names) in known.items()
        if value is not None and value not in names
    ]


def _availability(member: Member, today: date) -> tuple[Availability, date | None]:
    if member.active_from and today < member.active_from:
        return Availability.NOT_YET, member.active_from
    if member.active_until and member.active_until < today:
        return Availability.LEFT, member.active_until
    for absence in member.absences:
        if absence.since <= today <= absence.until:
            return Availability.AWAY, absence.until
    return Availability.AVAILABLE, member.active_until
