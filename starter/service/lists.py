"""List complaints, search them, and build worklists, for staff."""

import hashlib
from collections.abc import AsyncGenerator
from datetime import date, datetime, time
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import zone
from complaints.procedure.enums import Status
from complaints.procedure.field_types import DAY_EXAMPLE, INSTANT_EXAMPLE, Day, InputModel, Instant, StaffId
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.policy import Policy, TierId
from complaints.procedure.views.readers import memberships
from complaints.procedure.views.views import RecordedView
from complaints.records import directory, queries
from complaints.records.digests import list_tiers
from complaints.records.search import FoundComplaint, find_complaints, normalise
from complaints.records.worklists import read_worklist
from complaints.runtime.clock import now
from complaints.staff.members import Member
from complaints.staff.worklist import Task, build_worklist
from starter.api.auth.staff import StaffCaller
from starter.api.problems import ProblemError, invalid_fields, translate_errors
from starter.service.access import Access, may_read_words

MAX_LISTED = 1_000_000
MAX_FOUND, DEFAULT_FOUND = 1_000, 50
REMEDY = "see complaints staff list"

_DAY_OR_INSTANT = TypeAdapter[date | datetime](Day | Instant)


def _read_day_or_instant(value: object) -> object:
    try:
        return _DAY_OR_INSTANT.validate_python(value)
    except ValidationError:
        raise ValueError(f"give {DAY_EXAMPLE}, or {INSTANT_EXAMPLE}") from None


class ListFilters(InputModel):
    """Which complaints to list: open ones, unless `closed`, `all` or `status` says otherwise."""

    tier: TierId | None = None
    status: Status | None = None
    overdue: bool | None = None
    """true: only overdue ones; false: only others."""
    holder: StaffId | None = None
    due_before: Annotated[date | datetime | None, BeforeValidator(_read_day_or_instant)] = None
    """Only complaints with a deadline before this instant, or before the start of this day."""
    closed: bool = False
    """Closed complaints instead of open ones."""
    all: bool = False
    """Open and closed complaints."""
    limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] | None = None
    """At most so many."""


class SearchRequest(InputModel):
    """What to search for."""

    text: Annotated[str, Field(max_length=1_000)]
    """Words of a name, an email address, a case or a reference. Capitals and accents do not matter."""
    limit: Annotated[int, Field(ge=1, le=MAX_FOUND)] = DEFAULT_FOUND


class WorklistVersion(BaseModel):
    """A worklist as of now."""

    version: str
    """Changes with the tasks."""
    tasks: list[Task]

    @classmethod
    def of(cls, tasks: list[Task]) -> "WorklistVersion":
        digest = hashlib.sha256()
        for task in tasks:
            digest.update(task.model_dump_json().encode())
        return cls(version=digest.hexdigest()[:16], tasks=tasks)


class Lists:
    """Read many complaints for staff. Expected failures are raised as ProblemError."""

    def __init__(self, engine: AsyncEngine, policy: Policy, access: Access) -> None:
        self._engine = engine
        self._policy = policy
        self._access = access

    async def matching(self, filters: ListFilters, caller: StaffCaller) -> AsyncGenerator[RecordedView]:
        """Stream the complaints that match, those due first on top. Raises ProblemError.

        The texts of recommendations and undertakings are empty where the caller has no part.
        """
        with translate_errors():
            await self._check(filters)
            views = queries.list_views(
                self._engine,
                tier=filters.tier,
                status=filters.status,
                overdue=filters.overdue,
                holder=filters.holder,
                due_before=self._instant(filters.due_before),
                closed=None if filters.all or filters.status else filters.closed,
                limit=filters.limit,
            )
            async for view in views:
                has_texts = bool(view.recommendations or view.undertakings)
                if has_texts and may_read_words(caller, view.readers):
                    self._access.count_reading([view.reference], caller)
                elif has_texts:
                    yield _without_texts(view)
                    continue
                yield view

    async def search(self, request: SearchRequest, caller: StaffCaller) -> list[FoundComplaint]:
        """Search the complaints in which the caller has a part; for an auditor, all.

        Raises ProblemError.
        """
        if not normalise(request.text):
            raise invalid_fields(["text: is needed; give a name, an email, a case or a reference"])
        readers = None if caller.has(OfficeRole.AUDITOR) else memberships(caller.member.authority)
        with translate_errors():
            found = await find_complaints(self._engine, request.text, request.limit, readers)
        self._access.count_reading([each.reference for each in found], caller)
        return found

    async def worklist(self, caller: StaffCaller, staff: str | None) -> list[Task]:
        """Build the worklist of the caller, or of somebody of a tier that they lead.

        Raises ProblemError.
        """
        with translate_errors():
            owner = await self._owner(caller, staff)
            worklist = await read_worklist(self._engine, owner.id, owner.leads, owner.roles)
        real = now()
        return build_worklist(owner.authority, ((state, max(real, state.events[-1].at)) for state in worklist))

    async def _owner(self, caller: StaffCaller, staff: str | None) -> Member:
        if staff is None or staff == caller.id:
            return caller.member
        members = await directory.read_members(self._engine)
        if staff not in members:
            raise invalid_fields([f"staff: {unknown_name(staff, members, REMEDY)}"])
        owner = members[staff]
        if not caller.has(OfficeRole.AUDITOR) and not any(map(caller.leads, (*owner.roles, *owner.leads))):
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "no_such_right",
                f"The worklist of {staff} is for leads of their tiers and for auditors.",
            )
        return owner

    async def _check(self, filters: ListFilters) -> None:
        """Check the filters against each other and the record.

        Raises ProblemError with the nearest names.
        """
        errors = []
        if filters.closed and filters.all:
            errors.append("closed, all: give only one of them")
        if filters.closed and filters.status not in (None, Status.CLOSED):
            errors.append("closed: goes with status closed only; leave one of them out")
        if filters.tier is not None:
            known = dict.fromkeys([*self._policy.steps, *await list_tiers(self._engine)])
            if filters.tier not in known:
                errors.append(f"tier: {unknown_name(filters.tier, known)}")
        if filters.holder is not None:
            members = await directory.read_members(self._engine)
            if filters.holder not in members and not await queries.is_holder(self._engine, filters.holder):
                errors.append(f"holder: {unknown_name(filters.holder, members, REMEDY)}")
        if errors:
            raise invalid_fields(errors)

    def _instant(self, at: date | datetime | None) -> datetime | None:
        if at is None or isinstance(at, datetime):
            return at
        return datetime.combine(at, time(0), zone(self._policy.time_zone))


def _without_texts(view: RecordedView) -> RecordedView:
    fields = ("recommendations", "undertakings")
    update = {field: [each.model_copy(update={"what": ""}) for each in getattr(view, field)] for field in fields}
    return view.model_copy(update=update)
