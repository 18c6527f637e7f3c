"""The routes of the staff directory."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Request, Response
from pydantic import create_model

from complaints.procedure.field_types import STAFF_ID, Day, ShortText
from complaints.procedure.permissions import OfficeRole
from complaints.staff.members import Member
from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import read_fields, read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, success
from starter.api.problems import invalid_fields, translate_errors
from starter.api.query import query_parameters, read_query
from starter.api.request_body import read_body
from starter.api.routes import staff_examples as examples
from starter.api.routes.parameters import as_json
from starter.service.administration.directory import (
    DirectoryChanges,
    MemberDetails,
    MemberFilter,
    MemberList,
    StaffDirectory,
)
from starter.service.models import RequestModel

CSV = ("text/csv",)
TAGS: list[Any] = ["staff directory"]

_fields: dict[str, Any] = {
    name: (field.annotation, field) for name, field in Member.model_fields.items() if name not in ("id", "name")
}
MemberChange = create_model(
    "MemberChange",
    __base__=RequestModel,
    __doc__="The fields to replace; the others stay.",
    name=(ShortText, ""),
    **_fields,
)


class StaffQuery(RequestModel):
    """Which members to list."""

    role: str | None = None
    """Only those who have this role."""
    lead: str | None = None
    """Only those who lead this tier."""
    team: str | None = None
    """Only those of this team."""
    on: Day | None = None
    """Only those who are available on this day."""


class LastDay(RequestModel):
    """When somebody leaves."""

    on: Day | None = None
    """Their last day; none: today."""


class AbsenceDays(RequestModel):
    """When somebody is away."""

    since: Day | None = None
    """The first day; none: today."""
    until: Day | None = None
    """The last day; none: the first."""


def _lower(staff: str) -> str:
    return staff.lower()


StaffPath = Annotated[
    str,
    Path(
        description="The id of the member of staff; capitals are the same as small letters.",
        examples=["m.okafor"],
        json_schema_extra={"pattern": f"^{STAFF_ID}$"},
    ),
]


def add_routes(app: FastAPI, context: ApiContext) -> None:
    directory = StaffDirectory(context.engine, context.policy)
    _add_reading(app, context, directory)
    _add_changes(app, context, directory)
    _add_absences(app, context, directory)


def _add_reading(app: FastAPI, context: ApiContext, directory: StaffDirectory) -> None:
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.get(
        "/staff",
        tags=TAGS,
        response_class=Response,
        summary="List the members of staff.",
        responses={200: success(MemberList, "Those that fit, by id.", [examples.LISTED]), **failures(422)},
        openapi_extra={**query_parameters(StaffQuery), **FOR_STAFF},
    )
    async def list_staff(request: Request, _: reader) -> Response:
        query = read_query(request, StaffQuery)
        with translate_errors():
            return as_json(await directory.list(MemberFilter(query.role, query.lead, query.team, query.on)))

    @app.get(
        "/staff/{staff}",
        tags=TAGS,
        response_class=Response,
        summary="Show a member of staff, with each change of their entry.",
        responses={200: success(MemberDetails, "The member.", examples.DETAILS), **failures(404, 422)},
        openapi_extra=dict(FOR_STAFF),
    )
    async def show_member(staff: StaffPath, _: reader) -> Response:
        with translate_errors():
            return as_json(await directory.show(_lower(staff)))


def _add_changes(app: FastAPI, context: ApiContext, directory: StaffDirectory) -> None:
    administrator = Annotated[StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.ADMINISTRATOR))]

    @app.post(
        "/staff",
        tags=TAGS,
        response_class=Response,
        status_code=201,
        summary="Add a member of staff.",
        responses={201: _changes("The new entry."), **failures(408, 413, 415, 422)},
        openapi_extra={**json_body(Member, examples.MEMBER), **FOR_STAFF},
    )
    async def add_member(request: Request, caller: administrator) -> Response:
        fields = await read_fields(request)
        with translate_errors():
            return as_json(await directory.add(fields, caller.member), 201)

    @app.patch(
        "/staff/{staff}",
        tags=TAGS,
        response_class=Response,
        summary="Change a member of staff. Each field given replaces the present one.",
        responses={200: _changes("What has changed."), **failures(404, 408, 413, 415, 422)},
        openapi_extra={**json_body(MemberChange, examples.CHANGE), **FOR_STAFF},
    )
    async def change_member(request: Request, staff: StaffPath, caller: administrator) -> Response:
        fields = await read_fields(request)
        with translate_errors():
            return as_json(await directory.change(_lower(staff), fields, caller.member))

    @app.post(
        "/staff/{staff}/leave",
        tags=TAGS,
        response_class=Response,
        summary="Enter the last day of a member of staff.",
        responses={200: _changes("What has changed."), **failures(404, 408, 413, 415, 422)},
        openapi_extra={**json_body(LastDay, examples.LAST_DAY), **FOR_STAFF},
    )
    async def leave(request: Request, staff: StaffPath, caller: administrator) -> Response:
        last = await read_json(request, LastDay)
        with translate_errors():
            return as_json(await directory.leave(_lower(staff), last.on, caller.member))

    @app.post(
        "/staff/import",
        tags=TAGS,
        response_class=Response,
        summary="Add or change every member of staff in a CSV file; if a line is wrong, none.",
        responses={200: _changes("What has changed."), **failures(408, 413, 415, 422)},
        openapi_extra={**_csv_body(), **FOR_STAFF},
    )
    async def import_staff(request: Request, caller: administrator) -> Response:
        body = await read_body(request, CSV)
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise invalid_fields([f"not UTF-8 text (byte {error.start:,}); save it as UTF-8"]) from None
        with translate_errors():
            return as_json(await directory.import_csv(text, caller.member))


def _add_absences(app: FastAPI, context: ApiContext, directory: StaffDirectory) -> None:
    enterer = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.post(
        "/staff/{staff}/absences",
        tags=TAGS,
        response_class=Response,
        summary="Enter an absence: your own, or as an administrator or the lead of their tier.",
        responses={200: _changes("What has changed."), **failures(404, 408, 413, 415, 422)},
        openapi_extra={**json_body(AbsenceDays, examples.ABSENCE), **FOR_STAFF},
    )
    async def add_absence(request: Request, staff: StaffPath, caller: enterer) -> Response:
        days = await read_json(request, AbsenceDays)
        absence = directory.absence(days.since, days.until)
        with translate_errors():
            return as_json(await directory.add_absence(_lower(staff), absence, caller.member))

    @app.delete(
        "/staff/{staff}/absences",
        tags=TAGS,
        response_class=Response,
        summary="Take an absence back. Its days are given as it was entered.",
        responses={200: _changes("What has changed."), **failures(404, 422)},
        openapi_extra={**query_parameters(AbsenceDays), **FOR_STAFF},
    )
    async def cancel_absence(request: Request, staff: StaffPath, caller: enterer) -> Response:
        days = read_query(request, AbsenceDays)
        absence = directory.absence(days.since, days.until)
        with translate_errors():
            return as_json(await directory.cancel_absence(_lower(staff), absence, caller.member))


def _changes(description: str) -> dict[str, Any]:
    return success(DirectoryChanges, description, examples.CHANGES)


def _csv_body() -> dict[str, Any]:
    content = {CSV[0]: {"schema": {"type": "string"}, "example": examples.CSV_FILE}}
    return {"requestBody": {"required": True, "content": content}}
